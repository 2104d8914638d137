//! Milliseconds, in which GLib counts: nothing is done before its time.

use std::time::Duration;

/// 49 days: as many milliseconds as a timeout source counts.
pub(crate) const LONGEST: Duration = Duration::from_millis(u32::MAX as u64);

/// How many milliseconds `time` takes; what is left of one is a whole one.
pub(crate) fn milliseconds(time: Duration) -> u128 {
    time.as_nanos().div_ceil(1_000_000)
}

/// `time` in whole milliseconds, no fewer than it takes.
pub(crate) fn rounded_up(time: Duration) -> Duration {
    let milliseconds = u64::try_from(milliseconds(time));
    milliseconds.map_or(Duration::MAX, Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_one_is_a_whole_one() {
        for (nanoseconds, rounded) in [(0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2)]
        {
            let time = Duration::from_nanos(nanoseconds);
            assert_eq!(milliseconds(time), u128::from(rounded));
            assert_eq!(rounded_up(time), Duration::from_millis(rounded));
        }
        assert_eq!(rounded_up(Duration::MAX), Duration::MAX);
    }
}
