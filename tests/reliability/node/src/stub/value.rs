//! Plain values.

use super::{ffi, translate::IntoGlib};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Priority(i32);

impl Priority {
    pub const DEFAULT: Self = Self(0);
    pub const DEFAULT_IDLE: Self = Self(200);
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
