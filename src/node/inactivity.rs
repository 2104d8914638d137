//! [`Inactivity`]: for how long a worker may show no sign of life.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::base::sync::lock;

/// See the module's documentation.
pub(crate) struct Inactivity {
    pub(super) limit: Duration,
    /// `None` before the worker has started.
    last_sign: Mutex<Option<Instant>>,
    /// How many threads are held up that would show a sign of life else: that is none of theirs.
    held_up: AtomicUsize,
}

impl Inactivity {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            last_sign: Mutex::new(None),
            held_up: AtomicUsize::new(0),
        }
    }

    /// The worker starts.
    pub(super) fn begin(&self) {
        *lock(&self.last_sign) = Some(Instant::now());
    }

    /// A sign of life, which is none of the worker's before that has started.
    pub(crate) fn touch(&self) {
        if let Some(last) = &mut *lock(&self.last_sign) {
            *last = Instant::now();
        }
    }

    /// A thread is held up from now on.
    pub(crate) fn hold_up(&self) {
        // ORDERING: who asks a moment too early is told of the time before.
        self.held_up.fetch_add(1, Ordering::Relaxed);
    }

    /// It goes on.
    pub(crate) fn go_on(&self) {
        self.touch();
        self.held_up.fetch_sub(1, Ordering::Relaxed);
    }

    /// When it has lasted for too long, unless there is another sign of life. `None` before the
    /// worker has started.
    pub(super) fn end(&self) -> Option<Instant> {
        if self.held_up.load(Ordering::Relaxed) > 0 {
            self.touch();
        }
        let last_sign = *lock(&self.last_sign);
        last_sign?.checked_add(self.limit)
    }
}
