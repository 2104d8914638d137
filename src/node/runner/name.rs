//! What a thread of the pool is called, for the system, and so for debuggers and profilers.

use crate::base::this_thread;

/// While no named task runs in it.
pub(super) const NAME: &str = "qio-worker";

/// Names this thread.
pub(super) fn set(name: &str) {
    this_thread::set_name(name);
}

/// Gives it this name, its own, again. To look first costs as much, and tells no profiler of a
/// new one.
pub(super) fn restore(own: &str) {
    if this_thread::is_renamed(own) {
        set(own);
    }
}
