//! Whether a gauge has stayed flat: the verdict on what grows slowly.
//!
//! The first minute fills caches, tables and the allocator's arenas. After it
//! the largest reading of the last third of the run is compared with the
//! largest of the second minute. In runs of less than three minutes, a third
//! of the run stands for each minute.

use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// Shorter runs than this say nothing about what grows.
pub const SHORTEST: Duration = Duration::from_mins(1);

/// How much a gauge may grow by.
#[derive(Clone, Copy)]
pub struct Tolerance {
    /// Of the reference, in hundredths.
    pub percent: u64,
    /// Besides.
    pub slack: u64,
}

/// The readings of one gauge.
#[derive(Default)]
pub struct Readings(Vec<(Duration, u64)>);

/// What has become of a gauge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The largest reading of the second minute.
    pub reference: u64,
    /// The largest reading of the last third.
    pub last: u64,
    /// What it may be.
    pub limit: u64,
    /// The slope of the readings after the first minute, an hour.
    pub slope: f64,
}

impl Verdict {
    pub fn is_flat(&self) -> bool {
        self.last <= self.limit
    }
}

impl Readings {
    pub fn push(&mut self, at: Duration, reading: u64) {
        self.0.push((at, reading));
    }

    /// `None` when the run was too short to tell.
    pub fn judge(&self, run: Duration, tolerance: Tolerance) -> Option<Verdict> {
        if run < SHORTEST {
            return None;
        }
        let unit = MINUTE.min(run / 3);
        let largest = |from: Duration, to: Duration| {
            let within = self.0.iter().filter(|(at, _)| (from..to).contains(at));
            within.map(|(_, reading)| *reading).max()
        };
        let reference = largest(unit, 2 * unit)?;
        let last = largest(2 * (run / 3), Duration::MAX)?;
        Some(Verdict {
            reference,
            last,
            limit: reference + reference * tolerance.percent / 100 + tolerance.slack,
            slope: self.slope(unit),
        })
    }

    /// By least squares, of the readings from `from` on, an hour.
    #[expect(clippy::cast_precision_loss, reason = "readings are small")]
    fn slope(&self, from: Duration) -> f64 {
        let points: Vec<(f64, f64)> = self
            .0
            .iter()
            .filter(|(at, _)| *at >= from)
            .map(|(at, reading)| (at.as_secs_f64() / 3600.0, *reading as f64))
            .collect();
        let count = points.len() as f64;
        let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
        let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
        let covariance: f64 = points
            .iter()
            .map(|(x, y)| (x - mean_x) * (y - mean_y))
            .sum();
        let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
        if variance > 0.0 {
            covariance / variance
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: Duration = Duration::from_mins(10);
    const TOLERANCE: Tolerance = Tolerance {
        percent: 10,
        slack: 5,
    };

    fn readings(of: impl Fn(u64) -> u64) -> Readings {
        let mut readings = Readings::default();
        for second in 0..600 {
            readings.push(Duration::from_secs(second), of(second));
        }
        readings
    }

    #[test]
    fn what_rises_in_the_first_minute_alone_is_flat() {
        let verdict = readings(|second| 100 * second.min(60)).judge(RUN, TOLERANCE);
        let verdict = verdict.unwrap();
        assert!(verdict.is_flat(), "{verdict:?}");
        assert!(verdict.slope.abs() < 1e-6, "{verdict:?}");
    }

    #[test]
    fn what_goes_up_and_down_is_flat() {
        let verdict = readings(|second| 1000 + second % 7).judge(RUN, TOLERANCE);
        assert!(verdict.unwrap().is_flat());
    }

    #[test]
    fn what_goes_on_rising_is_not() {
        let verdict = readings(|second| 1000 + second).judge(RUN, TOLERANCE);
        let verdict = verdict.unwrap();
        assert!(!verdict.is_flat(), "{verdict:?}");
        assert!((verdict.slope - 3600.0).abs() < 1e-3, "{verdict:?}");
    }

    #[test]
    fn a_step_late_in_the_run_is_seen() {
        let verdict = readings(|second| if second > 590 { 2000 } else { 1000 });
        assert!(!verdict.judge(RUN, TOLERANCE).unwrap().is_flat());
    }

    #[test]
    fn a_short_run_is_not_judged() {
        let short = Duration::from_secs(2);
        assert_eq!(readings(|second| second).judge(short, TOLERANCE), None);
    }

    #[test]
    fn in_a_run_of_a_minute_a_third_stands_for_the_first_one() {
        let mut readings = Readings::default();
        for second in 0..60 {
            readings.push(Duration::from_secs(second), second.min(20));
        }
        let verdict = readings.judge(SHORTEST, TOLERANCE).unwrap();
        assert_eq!((verdict.reference, verdict.last), (20, 20));
    }
}
