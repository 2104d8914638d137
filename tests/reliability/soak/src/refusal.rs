//! Threads that are refused, for real: this program's own `pthread_create`
//! stands before the system's.
//!
//! Only the library's threads are: those that Rust's standard library starts
//! and that this program has not asked for by [`spared`].

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub use interposed::{refusals, refuse, spared};

/// Which threads are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refuse {
    None,
    /// Each one in so many.
    OneIn(u32),
    All,
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod interposed {
    use std::{
        cell::Cell,
        ffi::{c_int, c_void},
        sync::{
            OnceLock,
            atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering::SeqCst},
        },
    };

    use super::Refuse;

    type Start = extern "C" fn(*mut c_void) -> *mut c_void;
    type Create = unsafe extern "C" fn(
        *mut libc::pthread_t,
        *const libc::pthread_attr_t,
        Start,
        *mut c_void,
    ) -> c_int;

    /// 0: none; else each one in so many.
    static ONE_IN: AtomicU32 = AtomicU32::new(0);
    static ASKED: AtomicU32 = AtomicU32::new(0);
    static REFUSALS: AtomicU64 = AtomicU64::new(0);
    /// Where Rust's threads start; GLib's start elsewhere.
    static RUST_START: AtomicUsize = AtomicUsize::new(0);

    /// The function that this one stands before.
    static NEXT: OnceLock<Create> = OnceLock::new();

    thread_local! {
        static IS_SPARED: Cell<bool> = const { Cell::new(false) };
    }

    /// Refuses threads from now on, as said.
    pub fn refuse(which: Refuse) {
        ONE_IN.store(
            match which {
                Refuse::None => 0,
                Refuse::OneIn(number) => number,
                Refuse::All => 1,
            },
            SeqCst,
        );
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

    fn is_refused(start: Start) -> bool {
        if IS_SPARED.get() {
            RUST_START.store(start as usize, SeqCst);
            return false;
        }
        let one_in = ONE_IN.load(SeqCst);
        one_in != 0
            && RUST_START.load(SeqCst) == start as usize
            && ASKED.fetch_add(1, SeqCst).is_multiple_of(one_in)
    }

    /// Stands before the function of this name in the C library.
    // SAFETY: the name is the C library's, and so is the signature; all that it
    // does not refuse goes on to that one.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        start: Start,
        argument: *mut c_void,
    ) -> c_int {
        if is_refused(start) {
            REFUSALS.fetch_add(1, SeqCst);
            return libc::EAGAIN;
        }
        let create = NEXT.get_or_init(|| {
            // A sanitizer's, when there is one: it has to know of each thread.
            let sanitizer = c"___interceptor_pthread_create";
            // SAFETY: both names end with a NUL, and what is found under them
            // is a function of this signature.
            unsafe {
                let mut next = libc::dlsym(libc::RTLD_DEFAULT, sanitizer.as_ptr());
                if next.is_null() {
                    next = libc::dlsym(libc::RTLD_NEXT, c"pthread_create".as_ptr());
                }
                assert!(!next.is_null(), "there is a C library");
                std::mem::transmute::<*mut c_void, Create>(next)
            }
        });
        // SAFETY: the caller's arguments, for the function that they are for.
        unsafe { create(thread, attributes, start, argument) }
    }
}

/// On other systems no thread is refused.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod absent {
    pub fn refuse(_: super::Refuse) {}

    pub fn refusals() -> u64 {
        0
    }

    pub fn spared<R>(start: impl FnOnce() -> R) -> R {
        start()
    }
}
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub use absent::{refusals, refuse, spared};

/// Whether this system lets threads be refused.
pub const CAN_REFUSE: bool = cfg!(all(target_os = "linux", target_env = "gnu"));
