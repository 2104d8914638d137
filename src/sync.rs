//! What the machines of this library share between threads with.
//!
//! `tests/reliability/interleavings` compiles the same machines beside a module
//! `sync` of its own, with types that try every interleaving of their threads.

pub(crate) use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::yield_now,
    time::Instant,
};

/// Locks a mutex of this crate. No foreign code runs under any of them, so a
/// poisoned one is as good as any.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
