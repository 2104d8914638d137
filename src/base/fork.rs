//! Whether this process has this thread alone: a child that was forked after the first task.
//!
//! The worker threads are its parent's, the descriptors of its contexts are shared with its
//! parent, and a lock that another thread held at the fork is never let go of. So it may not use
//! the library, and is told so, before it waits for any.
//!
//! On Windows nothing forks, and a process that ends is as such a child is: as the destructors of
//! a thread's storage run there, all other threads have been ended wherever they were.

#[cfg(unix)]
#[path = "fork/posix.rs"]
mod chosen;
#[cfg(windows)]
#[path = "fork/windows.rs"]
mod chosen;

pub(crate) use chosen::{REFUSAL, is_child, watch};

/// Refuses such a child the library.
///
/// # Panics
///
/// Panics in one, on the line of whoever uses the library there.
#[inline]
#[track_caller]
pub(crate) fn refuse_child() {
    if is_child() {
        refuse();
    }
}

#[cold]
#[track_caller]
fn refuse() -> ! {
    panic!("{REFUSAL}");
}
