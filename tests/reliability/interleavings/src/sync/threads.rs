//! Threads of the system, time as it goes by, and locks of `parking_lot`:
//! unlike those of std, they are compiled with the tests, and so is what
//! `ThreadSanitizer` adds to them.

use std::{sync::LockResult, time::Duration};

pub(crate) use std::{
    sync::atomic::AtomicBool,
    thread::{JoinHandle, spawn, yield_now},
    time::Instant,
};

pub(crate) use parking_lot::MutexGuard;

use super::Preemptions;

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

/// Lets `time` pass.
pub(crate) fn pass(time: Duration) {
    std::thread::sleep(time);
}

pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(self.0.lock())
    }
}

pub(crate) struct Condvar(parking_lot::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
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
