//! Work for the main loop: time that passes.

use std::{
    hint::spin_loop,
    time::{Duration, Instant},
};

/// Keeps this thread busy for `time`, by the clock: so it costs the same on
/// whatever the processor is doing.
pub fn spin(time: Duration) {
    let begun = Instant::now();
    spin_by(|| begun.elapsed(), time);
}

fn spin_by(mut elapsed: impl FnMut() -> Duration, time: Duration) {
    while elapsed() < time {
        spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spin_ends_with_the_first_reading_that_is_late_enough() {
        let mut read = Vec::new();
        let mut now = Duration::ZERO;
        let clock = || {
            now += Duration::from_micros(2);
            read.push(now);
            now
        };
        spin_by(clock, Duration::from_micros(5));
        assert_eq!(read.last(), Some(&Duration::from_micros(6)));
        assert_eq!(read.len(), 3);
    }

    #[test]
    fn a_clock_that_jumps_ends_a_spin() {
        let mut readings = [Duration::from_hours(1)].into_iter();
        spin_by(|| readings.next().unwrap(), Duration::from_micros(5));
    }
}
