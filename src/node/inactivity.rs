//! [`Inactivity`]: for how long a worker may show no sign of life.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use crate::base::sync::lock;

/// See the module's documentation.
pub(crate) struct Inactivity(Mutex<Life>);

struct Life {
    limit: Duration,
    /// `None` before the worker has started.
    last_sign: Option<Instant>,
}

impl Inactivity {
    pub(crate) fn new(limit: Duration) -> Self {
        Self(Mutex::new(Life {
            limit,
            last_sign: None,
        }))
    }

    pub(crate) fn limit(&self) -> Duration {
        lock(&self.0).limit
    }

    #[cfg(feature = "capi")]
    pub(crate) fn set_limit(&self, limit: Duration) {
        lock(&self.0).limit = limit;
    }

    /// The worker starts.
    pub(super) fn begin(&self) {
        lock(&self.0).last_sign = Some(Instant::now());
    }

    /// A sign of life, which is none of the worker's before that has started.
    pub(crate) fn touch(&self) {
        if let Some(last) = &mut lock(&self.0).last_sign {
            *last = Instant::now();
        }
    }

    /// When it has lasted for too long, unless there is another sign of life. `None` before the
    /// worker has started.
    pub(super) fn end(&self) -> Option<Instant> {
        let life = lock(&self.0);
        life.last_sign?.checked_add(life.limit)
    }
}
