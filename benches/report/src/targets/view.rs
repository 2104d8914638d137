//! The results as one target looks at them.

use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::results::Results;
use crate::stats::Summary;
use crate::unit::{Unit, grouped};

/// What was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    pub figure: String,
    pub is_met: bool,
}

/// The results as one target looks at them.
pub struct View<'a> {
    pub results: &'a Results,
    pub contestant: Contestant,
    pub placement: Placement,
}

impl View<'_> {
    pub fn of(
        &self,
        contestant: Contestant,
        measure: Measure,
        size: Option<u64>,
        key: &str,
    ) -> Option<Summary> {
        let case = Case {
            measure,
            contestant,
            placement: self.placement,
            size,
        };
        self.results.summary(case, key)
    }

    pub fn ours(&self, measure: Measure, size: Option<u64>, key: &str) -> Option<Summary> {
        self.of(self.contestant, measure, size, key)
    }

    /// The medians of those whom a user would pick instead.
    pub fn rivals(
        &self,
        measure: Measure,
        size: Option<u64>,
        key: &str,
    ) -> impl Iterator<Item = (f64, Contestant)> {
        let rivals = Contestant::ALL.into_iter().filter(|other| other.is_rival());
        rivals.filter_map(move |rival| Some((self.of(rival, measure, size, key)?.median, rival)))
    }

    pub fn inline(&self, other: Contestant, bound: f64) -> Option<Reached> {
        let ours = self.ours(Measure::Inline, None, "per_task_ns")?;
        let theirs = self.of(other, Measure::Inline, None, "per_task_ns")?;
        Some(at_most(bound, ours.median / theirs.median, other.name()))
    }

    pub fn burst_within(&self, size: u64, bound: f64) -> Option<Reached> {
        let ours = self.ours(Measure::Burst, Some(size), "per_task_ns")?;
        Some(Reached {
            figure: Unit::Time.show(ours.median),
            is_met: ours.median <= bound,
        })
    }

    /// Against `other` at the same size, or at the largest one that it could do.
    pub fn burst(&self, size: u64, other: Contestant, bound: f64) -> Option<Reached> {
        let ours = self.ours(Measure::Burst, Some(size), "per_task_ns")?;
        let sizes = self
            .results
            .sizes(Measure::Burst)
            .into_iter()
            .flatten()
            .rev();
        let (at, theirs) = sizes.filter(|at| *at <= size).find_map(|at| {
            let theirs = self.of(other, Measure::Burst, Some(at), "per_task_ns")?;
            Some((at, theirs))
        })?;
        let mut name = other.name().to_owned();
        if at != size {
            name = format!("{name} at {}", grouped(at));
        }
        Some(at_most(bound, ours.median / theirs.median, &name))
    }
}

/// Fast in itself, or far faster than the next best.
pub fn foreign(view: &View<'_>) -> Option<Reached> {
    let ours = view.ours(Measure::Foreign, Some(4), "per_second")?.median;
    let shown = Unit::Rate.show(ours);
    let best = view
        .rivals(Measure::Foreign, Some(4), "per_second")
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    match best {
        Some((best, rival)) => Some(Reached {
            figure: format!("{shown}, {}", times(ours / best, rival.name())),
            is_met: ours >= 2e6 || ours >= 3.0 * best,
        }),
        None => (ours >= 2e6).then_some(Reached {
            figure: shown,
            is_met: true,
        }),
    }
}

pub fn at_most(bound: f64, reached: f64, name: &str) -> Reached {
    let is_met = reached <= bound;
    // Enough places to tell it from a bound that it only just misses.
    let tells = |shown: &String| {
        shown
            .parse()
            .is_ok_and(|shown: f64| (shown <= bound) == is_met)
    };
    let figure = (2..5).map(|places| ratio(reached, places)).find(tells);
    let figure = figure.unwrap_or_else(|| ratio(reached, 5));
    Reached {
        figure: format!("{figure} × {name}"),
        is_met,
    }
}

pub fn times(reached: f64, name: &str) -> String {
    format!("{} × {name}", ratio(reached, 2))
}

/// Small ratios get one more place.
fn ratio(ratio: f64, places: usize) -> String {
    let places = places + usize::from(ratio < 0.1);
    format!("{ratio:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_just_missed_does_not_look_met() {
        assert_eq!(at_most(1.25, 1.2528, "limit").figure, "1.253 × limit");
        assert_eq!(at_most(1.25, 1.2472, "limit").figure, "1.25 × limit");
        assert_eq!(at_most(1.25, 1.3, "limit").figure, "1.30 × limit");
    }
}
