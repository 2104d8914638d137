//! [`Inactivity`]: for how long a worker may show no sign of life.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::base::sync::lock;

/// See the module's documentation.
pub(crate) struct Inactivity {
    pub(super) limit: Duration,
    /// `None` before the worker has started.
    last_sign: Mutex<Option<Instant>>,
}

impl Inactivity {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            last_sign: Mutex::new(None),
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

    /// When it has lasted for too long, unless there is another sign of life. `None` before the
    /// worker has started.
    pub(super) fn end(&self) -> Option<Instant> {
        let last_sign = *lock(&self.last_sign);
        last_sign?.checked_add(self.limit)
    }
}
