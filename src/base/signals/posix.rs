//! The masks of POSIX.
#![allow(unsafe_code)]

use std::{ffi::c_int, mem::MaybeUninit};

/// What a fault of a thread raises in that thread, which can't go on without.
const OF_FAULTS: [c_int; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGABRT,
];

/// The signals that a thread has blocked.
#[derive(Clone, Copy)]
pub(crate) struct Mask(libc::sigset_t);

impl Mask {
    /// Blocks all but those of faults.
    pub(crate) fn of_the_librarys_threads() -> Self {
        let mut mask = MaybeUninit::zeroed();
        // Miri knows of no signals.
        if cfg!(miri) {
            // SAFETY: it is made of numbers.
            return Self(unsafe { mask.assume_init() });
        }
        // SAFETY: it fills the set, which is that from then on.
        let mask = unsafe {
            libc::sigfillset(mask.as_mut_ptr());
            mask.assume_init()
        };
        OF_FAULTS.into_iter().fold(Self(mask), Self::without)
    }

    /// The same, with this signal let through.
    pub(crate) fn without(mut self, signal: c_int) -> Self {
        // SAFETY: it is a set.
        unsafe { libc::sigdelset(&raw mut self.0, signal) };
        self
    }

    /// Makes it that of this thread. Returns the one before.
    pub(crate) fn set(&self) -> Self {
        let mut last = *self;
        if !cfg!(miri) {
            // SAFETY: both are sets, and the mask of a thread is its own.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.0, &raw mut last.0) };
        }
        last
    }
}

/// Calls `start`, with the signals blocked for as long: a thread that it starts has them blocked
/// from its first moment on.
pub(crate) fn blocked<R>(start: impl FnOnce() -> R) -> R {
    struct Restore(Mask);
    impl Drop for Restore {
        fn drop(&mut self) {
            self.0.set();
        }
    }

    let _restore = Restore(Mask::of_the_librarys_threads().set());
    start()
}
