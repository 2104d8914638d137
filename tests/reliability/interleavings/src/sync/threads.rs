//! Threads of the system, time as it goes by, and locks of `parking_lot`:
//! unlike those of std, they are compiled with the tests, and so is what
//! `ThreadSanitizer` adds to them.

use std::{
    sync::{Arc, LockResult},
    time::Duration,
};

pub(crate) use std::{
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize},
    thread::{JoinHandle, spawn, yield_now},
    time::Instant,
};

pub(crate) use parking_lot::MutexGuard;

use super::{Ordering, Preemptions};
use crate::wake_slot::WakeSlot;

/// As long as it takes for threads to fall asleep.
pub(crate) const LONG: Duration = Duration::from_micros(200);

/// How often each scenario is run.
const TIMES: usize = 2_000;

/// Runs `scenario` many times.
pub(crate) fn explore(_: Preemptions, scenario: impl Fn() + Send + Sync + 'static) {
    for _ in 0..TIMES {
        scenario();
    }
}

/// Runs `scenario`, in which there is one thread.
pub(crate) fn alone(scenario: impl Fn() + Send + Sync + 'static) {
    scenario();
}

/// As the library's.
type Lot = (Mutex<Vec<(usize, Arc<WakeSlot>)>>, Condvar);

/// Where threads sleep: all of them at one place, so that each is woken for others, too.
pub(crate) fn parking(_: usize) -> &'static Lot {
    static PARKING: Lot = (Mutex::new(Vec::new()), Condvar::new());
    &PARKING
}

/// What others did before they changed `count` comes before what follows. `ThreadSanitizer`
/// knows no fences.
pub(crate) fn acquire(count: &AtomicUsize) {
    count.load(Ordering::Acquire);
}

/// Lets `time` pass.
pub(crate) fn pass(time: Duration) {
    std::thread::sleep(time);
}

/// A place that `ThreadSanitizer` watches, with the face of loom's.
pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(std::cell::UnsafeCell::new(value))
    }

    pub(crate) fn with<R>(&self, look: impl FnOnce(*const T) -> R) -> R {
        look(self.0.get())
    }

    pub(crate) fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
        change(self.0.get())
    }
}

pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

/// What loom is to know nothing of, `ThreadSanitizer` is.
pub(crate) use self::Mutex as Unseen;

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(self.0.lock())
    }
}

pub(crate) struct Condvar(parking_lot::Condvar);

impl Condvar {
    pub(crate) const fn new() -> Self {
        Self(parking_lot::Condvar::new())
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(crate) fn wait<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
    ) -> LockResult<MutexGuard<'a, T>> {
        self.0.wait(&mut guard);
        Ok(guard)
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, ())> {
        self.0.wait_for(&mut guard, time);
        Ok((guard, ()))
    }
}
