//! The locale of Windows.
#![allow(unsafe_code)]

use windows_sys::Win32::Globalization::{GetThreadLocale, SetThreadLocale};

/// Of a thread: the user's, unless it has set one of its own.
#[derive(PartialEq, Eq)]
pub(in super::super) struct Locale(u32);

impl Locale {
    /// That of this thread.
    pub(in super::super) fn here() -> Self {
        // SAFETY: it tells a number.
        Self(unsafe { GetThreadLocale() })
    }

    /// Makes it that of this thread again.
    #[inline]
    pub(in super::super) fn restore(&self) {
        if Self::here() != *self {
            // SAFETY: the number of a locale.
            unsafe { SetThreadLocale(self.0) };
        }
    }
}
