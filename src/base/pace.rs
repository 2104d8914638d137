//! [`Pace`]: how often something may be called.

use std::time::{Duration, Instant};

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    /// `None` before the first call.
    last: Option<Instant>,
}

/// One call for each frame of a display is as much as anybody sees.
pub(crate) const FRAME: Duration = Duration::from_millis(16);

/// A longer interval counts as this one, so that the clock has no end to be looked for.
const LONGEST: Duration = Duration::from_hours(24 * 365);

impl Pace {
    /// One call in `interval`; with none, as many as there may be.
    pub(crate) fn new(interval: Duration) -> Self {
        Self {
            interval: interval.min(LONGEST),
            last: None,
        }
    }

    /// From now on, one call in `interval`, counted from the last one.
    #[cfg(feature = "capi")]
    pub(crate) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval.min(LONGEST);
    }

    /// From when on the next call may come. `None` when it may come at once.
    pub(crate) fn next(&self) -> Option<Instant> {
        let next = self.last? + self.interval;
        (next > Instant::now()).then_some(next)
    }

    /// It is called now.
    pub(crate) fn called(&mut self) {
        if !self.interval.is_zero() {
            self.last = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_call_comes_at_once_and_the_next_after_the_interval() {
        let mut pace = Pace::new(Duration::MAX);
        assert_eq!(pace.next(), None);
        let before = Instant::now();
        pace.called();
        assert!(pace.next().is_some_and(|next| next >= before + LONGEST));
    }

    #[test]
    fn without_an_interval_each_call_comes_at_once() {
        let mut pace = Pace::new(Duration::ZERO);
        pace.called();
        assert_eq!(pace.next(), None);
    }
}
