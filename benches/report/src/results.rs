//! All that was measured.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::stats::Summary;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// What the contestant reported.
    Values(BTreeMap<String, f64>),
    /// It was never started, and why.
    Skipped(String),
    /// It was ended after so many seconds.
    Overran(u64),
    /// What it said.
    Failed(String),
}

impl Outcome {
    /// Why there are no values; none where there are.
    pub fn excuse(&self) -> Option<String> {
        match self {
            Self::Values(_) => None,
            Self::Skipped(why) => Some(format!("skipped: {why}")),
            Self::Overran(seconds) => Some(format!("ended after {seconds} s")),
            Self::Failed(why) => Some(format!("failed: {why}")),
        }
    }
}

/// A run and how it ended.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    #[serde(flatten)]
    pub case: Case,
    pub repetition: usize,
    /// How long the process took altogether.
    pub elapsed: Duration,
    pub outcome: Outcome,
}

/// Every run so far.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Results(Vec<Record>);

impl Results {
    pub fn push(&mut self, record: Record) {
        self.0.push(record);
    }

    pub fn of(&self, case: Case) -> impl Iterator<Item = &Record> {
        self.0.iter().filter(move |record| record.case == case)
    }

    /// What the repetitions of `case` say about the value `key`.
    pub fn summary(&self, case: Case, key: &str) -> Option<Summary> {
        let samples: Vec<f64> = self
            .of(case)
            .filter_map(|record| match &record.outcome {
                Outcome::Values(values) => values.get(key).copied(),
                _ => None,
            })
            .collect();
        Summary::of(&samples)
    }

    /// Why `case` has no figures or too few, for a table.
    pub fn note(&self, case: Case) -> Option<String> {
        self.of(case).find_map(|record| match &record.outcome {
            Outcome::Values(_) => None,
            Outcome::Skipped(_) => Some("skipped".to_owned()),
            Outcome::Overran(seconds) => Some(format!("ended after {seconds} s")),
            Outcome::Failed(_) => Some("failed".to_owned()),
        })
    }

    /// Each case that has no figures or too few, with the whole story.
    pub fn excuses(&self, measure: Measure) -> Vec<(Case, String)> {
        let mut excuses: Vec<(Case, String)> = Vec::new();
        for record in self
            .0
            .iter()
            .filter(|record| record.case.measure == measure)
        {
            let Some(why) = record.outcome.excuse() else {
                continue;
            };
            if !excuses.iter().any(|(case, _)| *case == record.case) {
                excuses.push((record.case, why));
            }
        }
        excuses
    }

    pub fn has(&self, measure: Measure) -> bool {
        self.0.iter().any(|record| record.case.measure == measure)
    }

    /// The sizes at which `measure` was tried, the smallest first.
    pub fn sizes(&self, measure: Measure) -> Vec<Option<u64>> {
        self.distinct(measure, |case| case.size)
    }

    pub fn placements(&self, measure: Measure) -> Vec<Placement> {
        self.distinct(measure, |case| case.placement)
    }

    pub fn contestants(&self, measure: Measure) -> Vec<Contestant> {
        self.distinct(measure, |case| case.contestant)
    }

    fn distinct<T: Ord>(&self, measure: Measure, of: impl Fn(&Case) -> T) -> Vec<T> {
        let cases = self.0.iter().map(|record| &record.case);
        let mut found: Vec<T> = cases
            .filter(|case| case.measure == measure)
            .map(of)
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

/// Results for tests.
#[cfg(test)]
pub fn made_up(figures: &[(Case, &str, f64)]) -> Results {
    let mut results = Results::default();
    for (repetition, (case, key, figure)) in figures.iter().enumerate() {
        results.push(Record {
            case: *case,
            repetition,
            elapsed: Duration::from_millis(10),
            outcome: Outcome::Values([((*key).to_owned(), *figure)].into()),
        });
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: Case = Case {
        measure: Measure::Burst,
        contestant: Contestant::Tokio,
        placement: Placement::Machine,
        size: Some(100),
    };

    #[test]
    fn repetitions_are_summed_up() {
        let results = made_up(&[
            (CASE, "per_task_ns", 3.0),
            (CASE, "per_task_ns", 1.0),
            (CASE, "per_task_ns", 2.0),
        ]);
        assert_eq!(
            results.summary(CASE, "per_task_ns"),
            Summary::of(&[1.0, 2.0, 3.0])
        );
        assert_eq!(results.summary(CASE, "p50_ns"), None);
        assert_eq!(results.note(CASE), None);
    }

    #[test]
    fn what_did_not_run_says_why_once() {
        let mut results = Results::default();
        for repetition in 0..2 {
            results.push(Record {
                case: CASE,
                repetition,
                elapsed: Duration::ZERO,
                outcome: Outcome::Failed("no threads".to_owned()),
            });
        }
        assert_eq!(results.summary(CASE, "per_task_ns"), None);
        assert_eq!(results.note(CASE).as_deref(), Some("failed"));
        assert_eq!(
            results.excuses(Measure::Burst),
            [(CASE, "failed: no threads".to_owned())]
        );
    }
}
