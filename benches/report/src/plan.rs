//! What is run, and in which order.

use std::time::Duration;

use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::Measure;

/// How much trouble to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    Quick,
    Full,
}

/// One process to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub case: Case,
    /// From 0.
    pub repetition: usize,
}

impl Effort {
    /// How often each case is run, while it stays within [`Self::patience`].
    pub fn repetitions(self, measure: Measure) -> usize {
        match (self, measure) {
            (_, Measure::Size) => 0,
            // It waits for threads to retire, and what it counts hardly varies.
            (Self::Quick, Measure::Idle) => 1,
            (Self::Full, Measure::Idle) => 2,
            (Self::Full, Measure::Foreign) => 5,
            (Self::Quick, _) => 3,
            (Self::Full, _) => 7,
        }
    }

    /// No repetition is begun that would take the time spent on a case beyond this,
    /// except for the first [`Self::fewest`].
    pub fn patience(self) -> Duration {
        match self {
            Self::Quick => Duration::from_secs(1),
            Self::Full => Duration::from_secs(4),
        }
    }

    /// How often a case is run however long it takes.
    pub fn fewest(self) -> usize {
        match self {
            Self::Quick => 1,
            Self::Full => 2,
        }
    }

    /// A run that is predicted to take longer is skipped.
    pub fn longest(self) -> Duration {
        match self {
            Self::Quick => Duration::from_secs(4),
            Self::Full => Duration::from_secs(20),
        }
    }

    /// A run that takes longer is ended.
    pub fn limit(self) -> Duration {
        match self {
            Self::Quick => Duration::from_secs(20),
            Self::Full => Duration::from_mins(1),
        }
    }

    /// The sizes of a measure; one without a number where it has none.
    pub fn sizes(self, measure: Measure) -> Vec<Option<u64>> {
        let sizes: &[u64] = match (self, measure) {
            (Self::Full, Measure::Burst) => &[100, 1_000, 20_000, 100_000, 1_000_000],
            (Self::Quick, Measure::Burst) => &[100, 20_000, 1_000_000],
            (_, Measure::Blockers) => &[10, 64, 400, 2_000],
            (Self::Full, Measure::Foreign) => &[1, 2, 4, 8, 16],
            (Self::Quick, Measure::Foreign) => &[1, 4],
            _ => return vec![None],
        };
        sizes.iter().copied().map(Some).collect()
    }
}

/// The runs of `measures` by whoever is `offered`: repetition after repetition, in
/// each the smallest size first, and at each size everyone in turn, where another
/// one begins each time.
pub fn plan(
    effort: Effort,
    measures: &[Measure],
    offered: &[(Contestant, Measure)],
    can_place: bool,
) -> Vec<Run> {
    let mut runs = Vec::new();
    for measure in measures.iter().copied() {
        let contestants: Vec<_> = Contestant::ALL
            .into_iter()
            .filter(|contestant| offered.contains(&(*contestant, measure)))
            .collect();
        for repetition in 0..effort.repetitions(measure) {
            for size in effort.sizes(measure) {
                for placement in placements(measure, can_place) {
                    let turn = repetition % contestants.len().max(1);
                    let (late, early) = contestants.split_at(turn);
                    for contestant in early.iter().chain(late).copied() {
                        let case = Case {
                            measure,
                            contestant,
                            placement,
                            size,
                        };
                        runs.push(Run { case, repetition });
                    }
                }
            }
        }
    }
    runs
}

/// Where a measure is taken. `can_place` tells whether processes can be kept on one core.
fn placements(measure: Measure, can_place: bool) -> Vec<Placement> {
    let both = matches!(
        measure,
        Measure::Inline
            | Measure::RoundTrip
            | Measure::Burst
            | Measure::Foreign
            | Measure::Messages
    );
    if both && can_place {
        Placement::ALL.to_vec()
    } else {
        vec![Placement::Machine]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFERED: [(Contestant, Measure); 4] = [
        (Contestant::Native, Measure::Frame),
        (Contestant::Gtask, Measure::Frame),
        (Contestant::Limit, Measure::Frame),
        (Contestant::Native, Measure::Burst),
    ];

    fn frame() -> Vec<Run> {
        plan(Effort::Quick, &[Measure::Frame], &OFFERED, true)
    }

    #[test]
    fn repetitions_are_interleaved() {
        let repetitions: Vec<_> = frame().iter().map(|run| run.repetition).collect();
        assert_eq!(repetitions, [0, 0, 0, 1, 1, 1, 2, 2, 2]);
    }

    #[test]
    fn another_one_begins_each_time() {
        let order: Vec<_> = frame().iter().map(|run| run.case.contestant).collect();
        let (a, b, c) = (Contestant::Native, Contestant::Gtask, Contestant::Limit);
        assert_eq!(order, [a, b, c, b, c, a, c, a, b]);
    }

    #[test]
    fn small_sizes_come_first_and_tell_about_large_ones() {
        let runs = plan(Effort::Full, &[Measure::Burst], &OFFERED, false);
        let first: Vec<_> = runs
            .iter()
            .filter(|run| run.repetition == 0)
            .filter_map(|run| run.case.size)
            .collect();
        assert_eq!(first, [100, 1_000, 20_000, 100_000, 1_000_000]);
    }

    #[test]
    fn one_core_is_used_where_it_tells_something_and_can_be_had() {
        let runs = plan(Effort::Quick, &[Measure::Burst], &OFFERED, true);
        assert!(
            runs.iter()
                .any(|run| run.case.placement == Placement::OneCore)
        );
        for runs in [
            plan(Effort::Quick, &[Measure::Burst], &OFFERED, false),
            frame(),
        ] {
            assert!(
                runs.iter()
                    .all(|run| run.case.placement == Placement::Machine)
            );
        }
    }

    #[test]
    fn who_does_not_offer_a_measure_is_not_asked() {
        let runs = plan(Effort::Full, &[Measure::Burst], &OFFERED, true);
        assert!(
            runs.iter()
                .all(|run| run.case.contestant == Contestant::Native)
        );
        assert_eq!(plan(Effort::Full, &[Measure::Idle], &OFFERED, true), []);
        assert_eq!(plan(Effort::Full, &[Measure::Size], &OFFERED, true), []);
    }
}
