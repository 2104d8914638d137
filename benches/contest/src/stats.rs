//! Medians and percentiles.

/// The value that the fraction `at` of all values does not exceed, by nearest
/// rank. Not of none.
pub fn percentile(values: &mut [f64], at: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank is between 0 and the number of values"
    )]
    let rank = (values.len() as f64 * at).ceil() as usize;
    values[rank.clamp(1, values.len()) - 1]
}

/// The value in the middle, or the mean of the two that are there. Not of none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// A duration in nanoseconds.
pub fn nanos(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// A number of things as what it is divided by.
#[expect(clippy::cast_precision_loss, reason = "nothing counts that far")]
pub fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these are small whole numbers, or halves")]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let mut values: Vec<f64> = (1..=1000).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.5), 500.0);
        assert_eq!(percentile(&mut values, 0.99), 990.0);
        assert_eq!(percentile(&mut values, 0.999), 999.0);
        assert_eq!(percentile(&mut values, 1.0), 1000.0);
        assert_eq!(percentile(&mut values, 0.0), 1.0);
    }

    #[test]
    fn a_high_percentile_of_few_values_is_the_worst() {
        assert_eq!(percentile(&mut [3.0, 7.0, 5.0], 0.999), 7.0);
        assert_eq!(percentile(&mut [3.0], 0.5), 3.0);
    }

    #[test]
    fn a_median_is_in_the_middle() {
        assert_eq!(median(&mut [9.0, 1.0, 5.0]), 5.0);
        assert_eq!(median(&mut [9.0, 1.0, 5.0, 6.0]), 5.5);
    }

    #[test]
    fn one_outlier_does_not_move_a_median() {
        assert_eq!(median(&mut [1.0, 1.0, 1e9]), 1.0);
    }
}
