//! Plain values.

use std::{sync::OnceLock, time::Instant};

use super::{ffi, translate::IntoGlib};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority(i32);

impl Priority {
    pub const DEFAULT: Self = Self(0);
    pub const DEFAULT_IDLE: Self = Self(200);
}

impl From<i32> for Priority {
    fn from(priority: i32) -> Self {
        Self(priority)
    }
}

/// In microseconds.
pub fn monotonic_time() -> i64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    i64::try_from(elapsed.as_micros()).unwrap()
}

impl IntoGlib for Priority {
    type GlibType = i32;

    fn into_glib(self) -> i32 {
        self.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlFlow {
    Continue,
    Break,
}

impl From<bool> for ControlFlow {
    fn from(goes_on: bool) -> Self {
        if goes_on { Self::Continue } else { Self::Break }
    }
}

impl IntoGlib for ControlFlow {
    type GlibType = ffi::gboolean;

    fn into_glib(self) -> ffi::gboolean {
        (self == Self::Continue).into_glib()
    }
}
