//! Threads that are refused, for real: what Rust's standard library calls to
//! start one is a function of this program, which calls the system's.
//!
//! The linker puts it in between, as `build.rs` says. C libraries are not
//! touched, nor are the threads that this program starts within [`spared`]; so
//! only the library's are refused.

#[cfg(target_os = "linux")]
pub use interposed::{is_refusing, refusals, refuse, spared};

/// Which threads are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuse {
    None,
    /// Each one in so many.
    OneIn(u32),
    All,
}

#[cfg(target_os = "linux")]
mod interposed {
    use std::{
        cell::Cell,
        ffi::{c_int, c_void},
        sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst},
    };

    use super::Refuse;

    type Start = extern "C" fn(*mut c_void) -> *mut c_void;

    /// 0: none; else each one in so many.
    static ONE_IN: AtomicU32 = AtomicU32::new(0);
    static ASKED: AtomicU32 = AtomicU32::new(0);
    static REFUSALS: AtomicU64 = AtomicU64::new(0);

    thread_local! {
        static IS_SPARED: Cell<bool> = const { Cell::new(false) };
    }

    /// Refuses threads from now on, as said.
    pub fn refuse(which: Refuse) {
        let one_in = match which {
            Refuse::None => 0,
            Refuse::OneIn(number) => number,
            Refuse::All => 1,
        };
        ONE_IN.store(one_in, SeqCst);
    }

    /// Whether any is refused now.
    pub fn is_refusing() -> bool {
        ONE_IN.load(SeqCst) != 0
    }

    /// How many have been refused.
    pub fn refusals() -> u64 {
        REFUSALS.load(SeqCst)
    }

    /// Calls `start`, in which no thread is refused.
    pub fn spared<R>(start: impl FnOnce() -> R) -> R {
        IS_SPARED.set(true);
        let result = start();
        IS_SPARED.set(false);
        result
    }

    fn is_refused() -> bool {
        let one_in = ONE_IN.load(SeqCst);
        !IS_SPARED.get() && one_in != 0 && ASKED.fetch_add(1, SeqCst).is_multiple_of(one_in)
    }

    unsafe extern "C" {
        /// The system's `pthread_create`, or a sanitizer's.
        #[link_name = "__real_pthread_create"]
        fn create(
            thread: *mut libc::pthread_t,
            attributes: *const libc::pthread_attr_t,
            start: Start,
            argument: *mut c_void,
        ) -> c_int;
    }

    /// What is called instead of `pthread_create`.
    // SAFETY: nothing else has this name, which is the linker's for it, and the
    // signature is that of `pthread_create`.
    #[unsafe(export_name = "__wrap_pthread_create")]
    unsafe extern "C" fn create_or_refuse(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        start: Start,
        argument: *mut c_void,
    ) -> c_int {
        if is_refused() {
            REFUSALS.fetch_add(1, SeqCst);
            return libc::EAGAIN;
        }
        // SAFETY: the caller's arguments, for the function that they are for.
        unsafe { create(thread, attributes, start, argument) }
    }
}

/// On other systems no thread is refused.
#[cfg(not(target_os = "linux"))]
mod absent {
    pub fn refuse(_: super::Refuse) {}

    pub fn is_refusing() -> bool {
        false
    }

    pub fn refusals() -> u64 {
        0
    }

    pub fn spared<R>(start: impl FnOnce() -> R) -> R {
        start()
    }
}
#[cfg(not(target_os = "linux"))]
pub use absent::{refusals, refuse, spared};

/// Whether this system lets threads be refused.
pub const CAN_REFUSE: bool = cfg!(target_os = "linux");
