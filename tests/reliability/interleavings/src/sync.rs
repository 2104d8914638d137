//! Stands in for the library's own module `sync`: the same names, and
//! [`explore`] for the scenarios.

#[cfg(not(feature = "threads"))]
#[expect(clippy::unnecessary_wraps, reason = "the locks of std may be poisoned")]
mod model;
#[cfg(feature = "threads")]
#[expect(clippy::unnecessary_wraps, reason = "the locks of std may be poisoned")]
mod threads;

#[cfg(not(feature = "threads"))]
pub(crate) use model::*;
#[cfg(feature = "threads")]
pub(crate) use threads::*;

pub(crate) use std::sync::{PoisonError, atomic::Ordering};

/// As the library's, without the padding, which is of no use here.
pub(crate) struct CachePadded<T>(pub(crate) T);

/// What keeps a scenario of many threads from being tried for hours: orders in
/// which threads are interrupted, though they could go on, more often than
/// this are left out.
#[derive(Clone, Copy)]
#[cfg_attr(
    feature = "threads",
    allow(dead_code, reason = "real threads have no bounds")
)]
pub(crate) enum Preemptions {
    Any,
    AtMost(usize),
}

/// Locks a mutex, as the library does.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
