//! What several repetitions say together.

use serde::Serialize;

/// The middle of some samples, and how far they spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub median: f64,
    pub min: f64,
    pub max: f64,
    /// Three quarters of the samples are no greater.
    pub upper: f64,
    pub count: usize,
}

impl Summary {
    /// None where there is no sample that is a number.
    pub fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted: Vec<f64> = samples.iter().copied().filter(|s| s.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = count / 2;
        let median = if count.is_multiple_of(2) {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        } else {
            sorted[middle]
        };
        // Of four samples the third, of three the last.
        let upper = sorted[(count * 3).div_ceil(4) - 1];
        Some(Self {
            median,
            min,
            max,
            upper,
            count,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(samples: &[f64]) -> Option<f64> {
        Summary::of(samples).map(|summary| summary.median)
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[7.0]), Some(7.0));
    }

    #[test]
    fn the_spread_is_the_least_and_the_greatest() {
        let summary = Summary::of(&[3.0, -1.0, 2.0]).unwrap();
        assert_eq!((summary.min, summary.max, summary.count), (-1.0, 3.0, 3));
    }

    #[test]
    fn an_outlier_is_above_the_upper_quartile() {
        let summary = Summary::of(&[1.0, 2.0, 3.0, 90.0]).unwrap();
        assert_eq!(summary.upper.to_string(), "3");
        assert_eq!(Summary::of(&[7.0]).unwrap().upper.to_string(), "7");
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[f64::NAN]), None);
    }

    #[test]
    fn what_is_no_number_is_left_out() {
        assert_eq!(median(&[f64::NAN, 1.0, f64::INFINITY]), Some(1.0));
    }
}
