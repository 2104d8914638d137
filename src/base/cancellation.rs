//! Whether this thread may be cancelled, by `pthread_cancel`.
//!
//! What is cancelled is unwound to the thread's start, and no frame may be in between that has
//! something to drop, or catches panics. A worker of C is called with none, so it may be
//! cancelled; nothing else may that runs on its thread, also inside of that worker.
#![allow(unsafe_code)]

pub(crate) use chosen::{allow, forbid, forbid_again, restore};

#[cfg(any(
    target_os = "linux",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple"
))]
mod chosen {
    use std::{ffi::c_int, ptr};

    use numbers::{DEFERRED, DISABLE, ENABLE};

    /// As glibc, musl and the BSDs have them, and the crate `libc` does not.
    #[cfg(not(target_vendor = "apple"))]
    mod numbers {
        use std::ffi::c_int;

        pub(super) const ENABLE: c_int = 0;
        pub(super) const DISABLE: c_int = 1;
        pub(super) const DEFERRED: c_int = 0;
    }

    /// As Apple has them.
    #[cfg(target_vendor = "apple")]
    mod numbers {
        use std::ffi::c_int;

        pub(super) const ENABLE: c_int = 1;
        pub(super) const DISABLE: c_int = 0;
        pub(super) const DEFERRED: c_int = 2;
    }

    unsafe extern "C-unwind" {
        fn pthread_setcancelstate(state: c_int, last: *mut c_int) -> c_int;
        fn pthread_setcanceltype(kind: c_int, last: *mut c_int) -> c_int;
        fn pthread_testcancel();
    }

    /// Whether it may be cancelled.
    #[derive(Clone, Copy)]
    pub(crate) struct State(c_int);

    /// This thread is not cancelled until the state that this returns is restored.
    #[cold]
    pub(crate) fn forbid() -> State {
        let mut last = DISABLE;
        // SAFETY: a state, and a place for the last one. It cancels nothing.
        unsafe { pthread_setcancelstate(DISABLE, &raw mut last) };
        State(last)
    }

    #[cold]
    pub(crate) fn restore(state: State) {
        // SAFETY: a state. Whoever had that is cancelled at the next point that is one, unless it
        // has asked for more: then wherever it is, and it has promised not to be in here.
        unsafe { pthread_setcancelstate(state.0, ptr::null_mut()) };
    }

    /// This thread may be cancelled.
    ///
    /// # Safety
    ///
    /// Until [`forbid_again`], no frame from here to the thread's start has something to drop,
    /// or catches panics, while foreign code is called.
    pub(crate) unsafe fn allow() {
        // SAFETY: the caller's.
        unsafe { pthread_setcancelstate(ENABLE, ptr::null_mut()) };
    }

    /// Whatever foreign code has made of it, this thread is not cancelled from now on. If it was
    /// and has not noticed, this does not return: what it calls next is not to be cancelled.
    ///
    /// # Safety
    ///
    /// As for [`allow`].
    pub(crate) unsafe fn forbid_again() {
        // SAFETY: the caller's.
        unsafe {
            pthread_setcanceltype(DEFERRED, ptr::null_mut());
            pthread_setcancelstate(ENABLE, ptr::null_mut());
            pthread_testcancel();
            pthread_setcancelstate(DISABLE, ptr::null_mut());
        }
    }
}

/// Elsewhere there are none, or nobody has looked for their numbers.
#[cfg(not(any(
    target_os = "linux",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple"
)))]
mod chosen {
    /// There is none.
    #[derive(Clone, Copy)]
    pub(crate) struct State;

    pub(crate) fn forbid() -> State {
        State
    }

    pub(crate) fn restore(_: State) {}

    pub(crate) unsafe fn allow() {}

    pub(crate) unsafe fn forbid_again() {}
}
