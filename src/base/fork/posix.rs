//! A child is told by a flag, which is set in it as it is forked.
#![allow(unsafe_code)]

#[cfg(not(miri))]
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static IS_CHILD: AtomicBool = AtomicBool::new(false);

/// What such a child is told.
pub(crate) const REFUSAL: &str = "qio-task can't be used in a process that was forked after the \
                                  first task: let it exec, or exit";

/// Called as the first task is made: a child that is forked from now on may not use the library.
#[cfg(not(miri))]
pub(crate) fn watch() {
    extern "C" fn forked() {
        // ORDERING: this thread is the only one.
        IS_CHILD.store(true, Ordering::Relaxed);
    }

    static WATCHED: Once = Once::new();
    WATCHED.call_once(|| {
        // SAFETY: the function is there for as long as this library is loaded, of which the C
        // library takes note. It only stores to an atomic, as any child of many threads may do.
        // With no memory left for it, children are not told.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(forked)) };
    });
}

/// Miri has no `fork`.
#[cfg(miri)]
pub(crate) fn watch() {}

/// Whether this process is such a child.
#[inline]
pub(crate) fn is_child() -> bool {
    // ORDERING: only this thread has written it, if any has.
    IS_CHILD.load(Ordering::Relaxed)
}
