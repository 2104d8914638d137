//! What the machines of this library share between threads with.
//!
//! `tests/reliability/interleavings` compiles the same machines beside a module
//! `sync` of its own, with types that try every interleaving of their threads.

pub(crate) use std::{
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    thread::yield_now,
    time::Instant,
};

use super::fork;

/// Locks a mutex of this crate. No foreign code runs under any of them, so a
/// poisoned one is as good as any.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.try_lock() {
        Ok(guard) => guard,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => {
            // Nobody would ever unlock it.
            fork::refuse_child();
            mutex.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }
}

/// Something on cache lines of its own: many threads write to it, and what is
/// beside it should not have to travel with it.
#[repr(align(128))]
pub(crate) struct CachePadded<T>(pub(crate) T);
