//! [`Timers`]: what is to be done at a certain time, by the one source that looks at it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// What a timer is found by: its time, and a number among those of the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(Instant, u64);

/// See the module's documentation.
pub(super) struct Timers<T> {
    by_time: BTreeMap<Key, T>,
    next_number: u64,
}

impl<T> Timers<T> {
    pub(super) const fn new() -> Self {
        Self {
            by_time: BTreeMap::new(),
            next_number: 0,
        }
    }

    /// Adds `timer`, for the time `at`. Says by which key it is found, and whether it is
    /// now the first.
    pub(super) fn add(&mut self, at: Instant, timer: T) -> (Key, bool) {
        let key = Key(at, self.next_number);
        self.next_number += 1;
        self.by_time.insert(key, timer);
        let is_first = self.by_time.first_key_value().map(|(first, _)| *first) == Some(key);
        (key, is_first)
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        self.by_time.remove(&key)
    }

    /// How long it is until the first is due; nothing, if it is.
    pub(super) fn time_left(&self) -> Option<Duration> {
        let (Key(at, _), _) = self.by_time.first_key_value()?;
        Some(at.saturating_duration_since(Instant::now()))
    }

    /// Takes out the first one, if it is due.
    pub(super) fn take_due(&mut self) -> Option<T> {
        let first = self.by_time.first_entry()?;
        let Key(at, _) = first.key();
        (*at <= Instant::now()).then(|| first.remove())
    }

    /// Takes out all.
    pub(super) fn take_all(&mut self) -> BTreeMap<Key, T> {
        std::mem::take(&mut self.by_time)
    }
}

/// Who has timers: a queue. A trait, so that this file need not know that.
pub(super) trait HasTimers: Send + Sync {
    /// Drops the timer that is found by `key`, if it is still there.
    fn remove_timer(&self, key: Key);
}

/// Something is to be timed out, for as long as this is kept.
pub(crate) struct Timer {
    pub(super) timers: Arc<dyn HasTimers>,
    pub(super) key: Key,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.timers.remove_timer(self.key);
    }
}
