//! [`Until`]: whether a time has come, asked after each of many short calls.
//!
//! To look at the time costs more than such a call. So it is looked at when the processor's own
//! counter has gone on for a while, as far as that is cheap: a call that takes long is noticed as
//! it returns all the same.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use super::foreign::clock;

/// See the module's documentation.
pub(crate) struct Until {
    end: Instant,
    /// What the counter said, and the time, when that was looked at last.
    last: (u64, Instant),
    patience: u64,
}

/// For how long the time need not be looked at, by the counter: nobody says how fast that is, so
/// this is doubled where it was short, and halved where it was long.
static PATIENCE: AtomicU64 = AtomicU64::new(1);

/// How short, and how long.
const SHORT: Duration = Duration::from_micros(20);
const LONG: Duration = Duration::from_micros(80);

impl Until {
    pub(crate) fn new(end: Instant) -> Self {
        Self {
            end,
            last: (clock::ticks(), Instant::now()),
            // ORDERING: it is a number, and any that was there will do.
            patience: PATIENCE.load(Ordering::Relaxed),
        }
    }

    /// Whether it has come.
    #[inline]
    pub(crate) fn has_come(&mut self) -> bool {
        let ticks = clock::ticks();
        if clock::IS_CHEAP && ticks.wrapping_sub(self.last.0) < self.patience {
            return false;
        }
        self.look(ticks)
    }

    #[cold]
    fn look(&mut self, ticks: u64) -> bool {
        let now = Instant::now();
        let patience = self.patience;
        let took = now - self.last.1;
        if took < SHORT {
            self.patience = patience.saturating_mul(2);
        } else if took > LONG {
            self.patience = (patience / 2).max(1);
        }
        if self.patience != patience {
            PATIENCE.store(self.patience, Ordering::Relaxed);
        }
        self.last = (ticks, now);
        now >= self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(time: Duration) {
        let start = Instant::now();
        while start.elapsed() < time {}
    }

    #[test]
    fn it_is_never_early() {
        for _ in 0..5 {
            let end = Instant::now() + Duration::from_millis(2);
            let mut until = Until::new(end);
            while !until.has_come() {}
            assert!(Instant::now() >= end);
        }
        // The time is not looked at for each.
        assert!(!clock::IS_CHEAP || PATIENCE.load(Ordering::Relaxed) > 100);
    }

    #[test]
    fn one_that_takes_long_is_noticed_at_once() {
        let mut until = Until::new(Instant::now() + Duration::from_millis(2));
        for _ in 0..1000 {
            until.has_come();
        }
        spin(Duration::from_millis(3));
        assert!(until.has_come());
    }
}
