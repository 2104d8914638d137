//! Whether a run is worth its time, as far as the runs before it tell.

use std::time::Duration;

use crate::case::Case;
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::plan::{Effort, Run};
use crate::results::{Outcome, Results};
use crate::unit::grouped;

/// What to do about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    Start,
    /// The case has had its share of time.
    Enough,
    /// The case can't be run, for this reason.
    Skip(String),
}

/// Every task of `QIOTask`'s method is a thread of its own: more of them at once is
/// more than systems allow.
const MOST_THREADS: u64 = 20_000;

/// What to do about `run`, after `results`.
pub fn advise(effort: Effort, run: Run, results: &Results) -> Advice {
    let mut spent = Duration::ZERO;
    let mut times = 0;
    let mut last = Duration::ZERO;
    for record in results.of(run.case) {
        if !matches!(record.outcome, Outcome::Values(_)) {
            // It would not go better another time.
            return Advice::Enough;
        }
        last = record.elapsed;
        spent += last;
        times += 1;
    }
    if times >= effort.fewest() && spent + last > effort.patience() {
        return Advice::Enough;
    }
    match refusal(effort, run.case, results) {
        Some(why) => Advice::Skip(why),
        None => Advice::Start,
    }
}

fn refusal(effort: Effort, case: Case, results: &Results) -> Option<String> {
    let size = case.size?;
    if case.measure == Measure::Burst
        && case.contestant == Contestant::Qiotask
        && size > MOST_THREADS
    {
        return Some(format!("a thread for each of {} tasks", grouped(size)));
    }
    if case.measure == Measure::Foreign {
        return None;
    }
    let smaller = results.sizes(case.measure).into_iter().flatten().rev();
    for smaller in smaller.filter(|smaller| *smaller < size) {
        let before = Case {
            size: Some(smaller),
            ..case
        };
        if let Some(took) = took(before, results) {
            let predicted = took.mul_f64(ratio(size, smaller));
            return (predicted > effort.longest())
                .then(|| format!("{} s predicted", predicted.as_secs()));
        }
        if results.note(before).is_some() {
            return Some(format!(
                "{} of them were too many already",
                grouped(smaller)
            ));
        }
    }
    None
}

/// How long the measured part of `case` took.
fn took(case: Case, results: &Results) -> Option<Duration> {
    let nanoseconds = match case.measure {
        Measure::Burst => {
            results.summary(case, "per_task_ns")?.median * ratio(case.size.unwrap_or(1), 1)
        }
        _ => results.summary(case, "elapsed_ns")?.median,
    };
    Duration::try_from_secs_f64(nanoseconds / 1e9).ok()
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
fn ratio(more: u64, less: u64) -> f64 {
    more as f64 / less as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Placement;
    use crate::results::{Record, made_up};

    fn case(measure: Measure, contestant: Contestant, size: u64) -> Case {
        Case {
            measure,
            contestant,
            placement: Placement::Machine,
            size: Some(size),
        }
    }

    fn advice(case: Case, results: &Results) -> Advice {
        let run = Run {
            case,
            repetition: 0,
        };
        advise(Effort::Full, run, results)
    }

    fn burst(size: u64) -> Case {
        case(Measure::Burst, Contestant::Tokio, size)
    }

    #[test]
    fn the_first_run_is_started() {
        assert_eq!(advice(burst(100), &Results::default()), Advice::Start);
    }

    #[test]
    fn a_burst_that_would_take_too_long_is_skipped() {
        let results = made_up(&[(burst(20_000), "per_task_ns", 30_000.0)]);
        assert_eq!(advice(burst(100_000), &results), Advice::Start);
        assert_eq!(
            advice(burst(1_000_000), &results),
            Advice::Skip("30 s predicted".to_owned())
        );
    }

    #[test]
    fn blockers_that_would_take_too_long_are_skipped() {
        let blockers = |size| case(Measure::Blockers, Contestant::Gtask, size);
        let results = made_up(&[
            (blockers(64), "elapsed_ns", 0.7e9),
            (blockers(400), "elapsed_ns", 4.2e9),
        ]);
        let advice = advice(blockers(2_000), &results);
        assert_eq!(advice, Advice::Skip("21 s predicted".to_owned()));
    }

    #[test]
    fn a_thread_for_each_task_has_its_bound() {
        let qiotask = |size| case(Measure::Burst, Contestant::Qiotask, size);
        let results = Results::default();
        assert_eq!(advice(qiotask(20_000), &results), Advice::Start);
        assert!(matches!(
            advice(qiotask(100_000), &results),
            Advice::Skip(_)
        ));
    }

    #[test]
    fn a_case_that_failed_is_not_tried_again_nor_at_larger_sizes() {
        let mut results = Results::default();
        results.push(Record {
            case: burst(20_000),
            repetition: 0,
            elapsed: Duration::ZERO,
            outcome: Outcome::Overran(60),
        });
        assert_eq!(advice(burst(20_000), &results), Advice::Enough);
        assert!(matches!(advice(burst(100_000), &results), Advice::Skip(_)));
    }

    #[test]
    fn a_long_case_is_repeated_less_often() {
        let mut results = Results::default();
        for repetition in 0..2 {
            assert_eq!(advice(burst(100), &results), Advice::Start);
            results.push(Record {
                case: burst(100),
                repetition,
                elapsed: Duration::from_secs(5),
                outcome: Outcome::Values([("per_task_ns".to_owned(), 1.0)].into()),
            });
        }
        assert_eq!(advice(burst(100), &results), Advice::Enough);
    }
}
