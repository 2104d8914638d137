//! Figures as a reader likes them: three digits and a unit.

use crate::stats::Summary;

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds.
    Time,
    /// Nanoseconds, shown in multiples of 100 ms.
    Sleeps,
    /// A second.
    Rate,
    Bytes,
    /// Neither.
    Count,
}

/// One sleep of the blockers, in nanoseconds.
pub const SLEEP: f64 = 100e6;

const STEPS: &[(f64, &str)] = &[(1.0, "")];

impl Unit {
    /// The divisor and the name of the unit that suits `figure`.
    fn step(self, figure: f64) -> (f64, &'static str) {
        let steps: &[(f64, &str)] = match self {
            Self::Time => &[(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1.0, " ns")],
            Self::Sleeps => &[(SLEEP, " ×")],
            Self::Rate => &[(1e6, " M/s"), (1e3, " k/s"), (1.0, " /s")],
            Self::Bytes => &[(1_048_576.0, " MiB"), (1024.0, " KiB"), (1.0, " B")],
            Self::Count => STEPS,
        };
        let fits = steps
            .iter()
            .find(|(step, _)| figure.abs() >= *step * 0.9995);
        *fits.or(steps.last()).unwrap_or(&STEPS[0])
    }

    /// `figure` with its unit.
    pub fn show(self, figure: f64) -> String {
        let (step, name) = self.step(figure);
        format!("{}{name}", digits(figure / step))
    }

    /// The median with its unit and, where there are several, the least and the greatest.
    pub fn show_summary(self, summary: &Summary) -> String {
        let (step, name) = self.step(summary.median);
        let median = digits(summary.median / step);
        if summary.count < 2 {
            return format!("{median}{name}");
        }
        let (least, most) = (digits(summary.min / step), digits(summary.max / step));
        format!("{median}{name} ({least}–{most})")
    }
}

/// Three digits, or all of those before the point.
pub fn digits(figure: f64) -> String {
    let size = figure.abs();
    let places = if figure == 0.0 || size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    format!("{figure:.places$}")
}

/// `1,000,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_shown_in_the_unit_that_suits() {
        for (figure, shown) in [
            (0.0, "0 ns"),
            (0.25, "0.25 ns"),
            (312.4, "312 ns"),
            (999.9, "1.00 µs"),
            (27_600.0, "27.6 µs"),
            (4.1e9, "4.10 s"),
        ] {
            assert_eq!(Unit::Time.show(figure), shown);
        }
    }

    #[test]
    fn blockers_are_shown_in_sleeps() {
        assert_eq!(Unit::Sleeps.show(112e6), "1.12 ×");
        assert_eq!(Unit::Sleeps.show(4.1e9), "41.0 ×");
    }

    #[test]
    fn a_spread_shares_the_median_s_unit() {
        let summary = Summary::of(&[990.0, 1_000.0, 1_500.0]).unwrap();
        assert_eq!(Unit::Time.show_summary(&summary), "1.00 µs (0.99–1.50)");
        let single = Summary::of(&[64.0]).unwrap();
        assert_eq!(Unit::Bytes.show_summary(&single), "64.0 B");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped(64), "64");
        assert_eq!(grouped(2_000), "2,000");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }
}
