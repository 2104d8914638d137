//! A mutex of loom that one can find by the guard of it.

use std::{
    ops::{Deref, DerefMut},
    sync::{self, Arc, LockResult},
};

/// Of whose turn it is; loom sees nothing else.
pub(super) type Turn = loom::sync::Mutex<()>;

pub(crate) struct Mutex<T> {
    turn: Arc<Turn>,
    /// Locked by whose turn it is.
    value: sync::Mutex<T>,
}

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    // Dropped in this order.
    value: sync::MutexGuard<'a, T>,
    turn: loom::sync::MutexGuard<'a, ()>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            turn: Arc::new(Turn::new(())),
            value: sync::Mutex::new(value),
        }
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        let turn = self.turn.lock().expect("loom poisons none");
        Ok(self.guard(turn))
    }

    fn guard<'a>(&'a self, turn: loom::sync::MutexGuard<'a, ()>) -> MutexGuard<'a, T> {
        let value = self.value.try_lock().expect("a failed scenario is over");
        MutexGuard {
            mutex: self,
            value,
            turn,
        }
    }
}

impl<T> MutexGuard<'_, T> {
    pub(super) fn turn(&self) -> Arc<Turn> {
        self.mutex.turn.clone()
    }

    pub(super) fn wait(self, condvar: &loom::sync::Condvar) -> Self {
        let Self { mutex, value, turn } = self;
        drop(value);
        mutex.guard(condvar.wait(turn).expect("loom poisons none"))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}
