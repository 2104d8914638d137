//! The locale of POSIX.
#![allow(unsafe_code)]

use std::ptr;

/// Of a thread: that of the process, unless it has set one of its own.
pub(in super::super) struct Locale(libc::locale_t);

impl Locale {
    /// That of this thread.
    pub(in super::super) fn here() -> Self {
        // SAFETY: without one to set, it tells which is.
        Self(unsafe { libc::uselocale(ptr::null_mut()) })
    }

    /// Makes it that of this thread again.
    #[inline]
    pub(in super::super) fn restore(&self) {
        if Self::here().0 != self.0 {
            // SAFETY: it was set as the thread started, before any foreign code, so it is that
            // of the process, which is never freed.
            unsafe { libc::uselocale(self.0) };
        }
    }
}
