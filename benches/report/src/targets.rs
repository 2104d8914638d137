//! What was to be reached, and whether it was.

use serde::Serialize;

use crate::case::{Case, Placement};
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::results::Results;
use crate::stats::Summary;
use crate::table::Table;
use crate::unit::{SLEEP, Unit, digits, grouped};

/// Whether a target was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Met,
    Missed,
    NotMeasured,
}

/// A target and what one backend reached in one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    pub target: &'static str,
    pub contestant: Contestant,
    pub placement: Placement,
    /// What was reached, if it was measured.
    pub figure: Option<String>,
    pub status: Status,
}

/// What was reached.
#[derive(Clone, Debug, PartialEq)]
struct Reached {
    figure: String,
    is_met: bool,
}

struct Target {
    measure: Measure,
    text: &'static str,
    backends: &'static [Contestant],
    placements: &'static [Placement],
    reach: fn(&View<'_>) -> Option<Reached>,
}

const NATIVE: &[Contestant] = &[Contestant::Native];
const SHIM: &[Contestant] = &[Contestant::Shim];
const BOTH: &[Contestant] = &[Contestant::Native, Contestant::Shim];
const ANYWHERE: &[Placement] = &Placement::ALL;
const MACHINE: &[Placement] = &[Placement::Machine];
const ONE_CORE: &[Placement] = &[Placement::OneCore];

const fn target(
    measure: Measure,
    text: &'static str,
    backends: &'static [Contestant],
    placements: &'static [Placement],
    reach: fn(&View<'_>) -> Option<Reached>,
) -> Target {
    Target {
        measure,
        text,
        backends,
        placements,
        reach,
    }
}

const FEW: u64 = 20_000;
const MANY: u64 = 1_000_000;

/// The table of the issue, line by line.
static TARGETS: &[Target] = &[
    target(
        Measure::Inline,
        "inline ≤ 2 × limit",
        NATIVE,
        ANYWHERE,
        |view| view.inline(Contestant::Limit, 2.0),
    ),
    target(
        Measure::Inline,
        "inline ≤ 0.1 × GTask",
        NATIVE,
        ANYWHERE,
        |view| view.inline(Contestant::Gtask, 0.1),
    ),
    target(
        Measure::Inline,
        "inline ≤ 1.25 × GTask",
        SHIM,
        ANYWHERE,
        |view| view.inline(Contestant::Gtask, 1.25),
    ),
    target(
        Measure::RoundTrip,
        "round trip, p50 ≤ 1.25 × limit",
        NATIVE,
        ONE_CORE,
        |view| {
            let ours = view.ours(Measure::RoundTrip, None, "p50_ns")?;
            let limit = view.of(Contestant::Limit, Measure::RoundTrip, None, "p50_ns")?;
            Some(at_most(
                1.25,
                ours.median / limit.median,
                Contestant::Limit.name(),
            ))
        },
    ),
    target(
        Measure::RoundTrip,
        "round trip, p50 < every other contestant",
        NATIVE,
        ONE_CORE,
        |view| {
            let ours = view.ours(Measure::RoundTrip, None, "p50_ns")?.median;
            let (best, rival) = view
                .rivals(Measure::RoundTrip, None, "p50_ns")
                .min_by(|(a, _), (b, _)| a.total_cmp(b))?;
            Some(Reached {
                figure: times(ours / best, rival.name()),
                is_met: ours < best,
            })
        },
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 0.3 µs a task, on a quiet machine",
        NATIVE,
        ANYWHERE,
        |view| view.burst_within(FEW, 300.0),
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 0.15 × GTask",
        NATIVE,
        ANYWHERE,
        |view| view.burst(FEW, Contestant::Gtask, 0.15),
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 0.02 × QIOTask's method",
        NATIVE,
        ANYWHERE,
        |view| view.burst(FEW, Contestant::Qiotask, 0.02),
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 1.25 × GTask",
        SHIM,
        ANYWHERE,
        |view| view.burst(FEW, Contestant::Gtask, 1.25),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 0.3 µs a task, on a quiet machine",
        NATIVE,
        ANYWHERE,
        |view| view.burst_within(MANY, 300.0),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 0.15 × GTask",
        NATIVE,
        ANYWHERE,
        |view| view.burst(MANY, Contestant::Gtask, 0.15),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 0.02 × QIOTask's method",
        NATIVE,
        ANYWHERE,
        |view| view.burst(MANY, Contestant::Qiotask, 0.02),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 1.25 × GTask",
        SHIM,
        ANYWHERE,
        |view| view.burst(MANY, Contestant::Gtask, 1.25),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 costs no more a task than of 20,000, within its upper quartile",
        NATIVE,
        ANYWHERE,
        |view| {
            let few = view.ours(Measure::Burst, Some(FEW), "per_task_ns")?;
            let many = view.ours(Measure::Burst, Some(MANY), "per_task_ns")?;
            Some(Reached {
                figure: times(many.median / few.median, "20,000"),
                is_met: many.median <= few.upper,
            })
        },
    ),
    target(
        Measure::Blockers,
        "400 blockers ≤ 1.3 × 100 ms",
        BOTH,
        MACHINE,
        |view| {
            let elapsed = view.ours(Measure::Blockers, Some(400), "elapsed_ns")?;
            Some(at_most(1.3, elapsed.median / SLEEP, "100 ms"))
        },
    ),
    target(
        Measure::Frame,
        "frame, worst ≤ 3 ms late",
        BOTH,
        MACHINE,
        |view| {
            let worst = view.ours(Measure::Frame, None, "worst_ns")?.median;
            Some(Reached {
                figure: Unit::Time.show(worst),
                is_met: worst <= 3e6,
            })
        },
    ),
    target(
        Measure::Frame,
        "frame, total ≤ 1.05 × without giving way",
        BOTH,
        MACHINE,
        |view| {
            let total = view.ours(Measure::Frame, None, "total_ns")?;
            let limit = view.of(Contestant::Limit, Measure::Frame, None, "total_ns")?;
            Some(at_most(1.05, total.median / limit.median, "limit"))
        },
    ),
    target(
        Measure::Foreign,
        "foreign, 4 threads ≥ 2,000,000 a second, or 3 × the next best",
        NATIVE,
        ANYWHERE,
        foreign,
    ),
    target(
        Measure::Memory,
        "memory ≤ 256 bytes a pending task",
        NATIVE,
        MACHINE,
        |view| {
            let bytes = view.ours(Measure::Memory, None, "pending_bytes")?.median;
            Some(Reached {
                figure: format!("{} bytes", digits(bytes)),
                is_met: bytes <= 256.0,
            })
        },
    ),
    target(
        Measure::Idle,
        "idle: no wake-up once the threads have retired",
        BOTH,
        MACHINE,
        |view| {
            let wakeups = view
                .ours(Measure::Idle, None, "retired_wakeups_per_second")?
                .median;
            Some(Reached {
                figure: format!("{} a second", digits(wakeups)),
                is_met: wakeups == 0.0,
            })
        },
    ),
];

/// The results as one target looks at them.
struct View<'a> {
    results: &'a Results,
    contestant: Contestant,
    placement: Placement,
}

impl View<'_> {
    fn of(
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

    fn ours(&self, measure: Measure, size: Option<u64>, key: &str) -> Option<Summary> {
        self.of(self.contestant, measure, size, key)
    }

    /// The medians of those whom a user would pick instead.
    fn rivals(
        &self,
        measure: Measure,
        size: Option<u64>,
        key: &str,
    ) -> impl Iterator<Item = (f64, Contestant)> {
        let rivals = Contestant::ALL.into_iter().filter(|other| other.is_rival());
        rivals.filter_map(move |rival| Some((self.of(rival, measure, size, key)?.median, rival)))
    }

    fn inline(&self, other: Contestant, bound: f64) -> Option<Reached> {
        let ours = self.ours(Measure::Inline, None, "per_task_ns")?;
        let theirs = self.of(other, Measure::Inline, None, "per_task_ns")?;
        Some(at_most(bound, ours.median / theirs.median, other.name()))
    }

    fn burst_within(&self, size: u64, bound: f64) -> Option<Reached> {
        let ours = self.ours(Measure::Burst, Some(size), "per_task_ns")?;
        Some(Reached {
            figure: Unit::Time.show(ours.median),
            is_met: ours.median <= bound,
        })
    }

    /// Against `other` at the same size, or at the largest one that it could do.
    fn burst(&self, size: u64, other: Contestant, bound: f64) -> Option<Reached> {
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
fn foreign(view: &View<'_>) -> Option<Reached> {
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

fn at_most(bound: f64, reached: f64, name: &str) -> Reached {
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

fn times(reached: f64, name: &str) -> String {
    format!("{} × {name}", ratio(reached, 2))
}

/// Small ratios get one more place.
fn ratio(ratio: f64, places: usize) -> String {
    let places = places + usize::from(ratio < 0.1);
    format!("{ratio:.places$}")
}

/// Compares everything that was asked for with its targets.
pub fn verdicts(results: &Results, measures: &[Measure]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let asked = TARGETS
        .iter()
        .filter(|target| measures.contains(&target.measure));
    for target in asked {
        for contestant in target.backends.iter().copied() {
            for placement in target.placements.iter().copied() {
                let reached = (target.reach)(&View {
                    results,
                    contestant,
                    placement,
                });
                let status = match &reached {
                    None => Status::NotMeasured,
                    Some(reached) if reached.is_met => Status::Met,
                    Some(_) => Status::Missed,
                };
                verdicts.push(Verdict {
                    target: target.text,
                    contestant,
                    placement,
                    figure: reached.map(|reached| reached.figure),
                    status,
                });
            }
        }
    }
    verdicts
}

/// A row for each target on each backend and in each place.
pub fn table(verdicts: &[Verdict]) -> Table {
    let words = ["target", "backend", "where", "reached", ""];
    let mut table = Table {
        title: "Targets".to_owned(),
        header: words.map(str::to_owned).to_vec(),
        ..Table::default()
    };
    for verdict in verdicts {
        let figure = verdict.figure.clone();
        table.rows.push(vec![
            verdict.target.to_owned(),
            verdict.contestant.name().to_owned(),
            verdict.placement.name().to_owned(),
            figure.unwrap_or_else(|| "–".to_owned()),
            verdict.status.name().to_owned(),
        ]);
    }
    let count = |status| {
        verdicts
            .iter()
            .filter(|verdict| verdict.status == status)
            .count()
    };
    table.notes.push(format!(
        "{} met, {} missed, {} not measured; by medians of this run alone.",
        count(Status::Met),
        count(Status::Missed),
        count(Status::NotMeasured)
    ));
    table
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "MISSED",
            Self::NotMeasured => "not measured",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;
    use crate::results::made_up;

    type Figure = (Case, &'static str, f64);

    fn figure(contestant: Contestant, measure: Measure, size: Option<u64>, figure: f64) -> Figure {
        let placement = match measure {
            Measure::RoundTrip => Placement::OneCore,
            _ => Placement::Machine,
        };
        let case = Case {
            measure,
            contestant,
            placement,
            size,
        };
        (case, measure.values()[0].key, figure)
    }

    fn burst(contestant: Contestant, size: u64, per_task: f64) -> Figure {
        figure(contestant, Measure::Burst, Some(size), per_task)
    }

    /// What is said of the target that begins so.
    fn verdict(figures: &[Figure], measure: Measure, start: &str) -> (Status, Option<String>) {
        let verdicts = verdicts(&made_up(figures), &[measure]);
        let placement = figures[0].0.placement;
        let found = verdicts
            .into_iter()
            .find(|verdict| verdict.target.starts_with(start) && verdict.placement == placement);
        let found = found.unwrap();
        (found.status, found.figure)
    }

    #[test]
    fn a_target_is_met_or_missed_by_a_ratio() {
        for (ours, status, shown) in [
            (40.0, Status::Met, "0.080 × GTask"),
            (60.0, Status::Missed, "0.12 × GTask"),
        ] {
            let figures = [
                figure(Contestant::Native, Measure::Inline, None, ours),
                figure(Contestant::Gtask, Measure::Inline, None, 500.0),
            ];
            assert_eq!(
                verdict(&figures, Measure::Inline, "inline ≤ 0.1"),
                (status, Some(shown.to_owned()))
            );
        }
    }

    #[test]
    fn a_target_that_is_just_missed_does_not_look_met() {
        assert_eq!(at_most(1.25, 1.2528, "limit").figure, "1.253 × limit");
        assert_eq!(at_most(1.25, 1.2472, "limit").figure, "1.25 × limit");
        assert_eq!(at_most(1.25, 1.3, "limit").figure, "1.30 × limit");
    }

    #[test]
    fn who_is_missing_is_not_measured() {
        let figures = [figure(Contestant::Native, Measure::Inline, None, 40.0)];
        assert_eq!(
            verdict(&figures, Measure::Inline, "inline ≤ 2"),
            (Status::NotMeasured, None)
        );
    }

    #[test]
    fn nothing_measured_is_no_panic() {
        let verdicts = verdicts(&Results::default(), Measure::value_variants());
        assert!(verdicts.len() > TARGETS.len());
        assert!(
            verdicts
                .iter()
                .all(|verdict| verdict.status == Status::NotMeasured)
        );
    }

    #[test]
    fn a_round_trip_must_beat_the_best_of_all_others_but_not_the_limit() {
        let trip = |contestant, p50| figure(contestant, Measure::RoundTrip, None, p50);
        let mut figures = vec![
            trip(Contestant::Native, 6_000.0),
            trip(Contestant::Limit, 5_000.0),
            trip(Contestant::Gtask, 12_000.0),
            trip(Contestant::Tokio, 24_000.0),
        ];
        let start = "round trip, p50 <";
        let met = (Status::Met, Some("0.50 × GTask".to_owned()));
        assert_eq!(verdict(&figures, Measure::RoundTrip, start), met);
        figures.push(trip(Contestant::Blocking, 6_000.0));
        let missed = (Status::Missed, Some("1.00 × blocking".to_owned()));
        assert_eq!(verdict(&figures, Measure::RoundTrip, start), missed);
    }

    #[test]
    fn a_burst_is_compared_at_the_largest_size_that_the_other_could_do() {
        let figures = [
            burst(Contestant::Native, FEW, 200.0),
            burst(Contestant::Native, MANY, 230.0),
            burst(Contestant::Qiotask, FEW, 23_000.0),
        ];
        assert_eq!(
            verdict(&figures, Measure::Burst, "burst of 1,000,000 ≤ 0.02"),
            (
                Status::Met,
                Some("0.010 × QIOTask's method at 20,000".to_owned())
            )
        );
    }

    #[test]
    fn the_small_burst_s_upper_quartile_is_allowed_to_the_large_one() {
        let mut figures = vec![
            burst(Contestant::Native, FEW, 200.0),
            burst(Contestant::Native, FEW, 200.0),
            burst(Contestant::Native, FEW, 240.0),
            burst(Contestant::Native, MANY, 230.0),
        ];
        let start = "burst of 1,000,000 costs";
        assert_eq!(verdict(&figures, Measure::Burst, start).0, Status::Met);
        figures[3].2 = 250.0;
        assert_eq!(verdict(&figures, Measure::Burst, start).0, Status::Missed);
    }

    #[test]
    fn foreign_completion_has_two_ways_to_be_fast() {
        let foreign = |contestant, rate| figure(contestant, Measure::Foreign, Some(4), rate);
        for (ours, best, status) in [
            (2.1e6, 1.9e6, Status::Met),
            (1.5e6, 0.4e6, Status::Met),
            (1.5e6, 0.6e6, Status::Missed),
        ] {
            let figures = [
                foreign(Contestant::Native, ours),
                foreign(Contestant::Gio, best),
                foreign(Contestant::Limit, 9e6),
            ];
            assert_eq!(verdict(&figures, Measure::Foreign, "foreign").0, status);
        }
    }

    #[test]
    fn a_target_of_both_backends_has_a_figure_for_each() {
        let blockers =
            |contestant, elapsed| figure(contestant, Measure::Blockers, Some(400), elapsed);
        let results = made_up(&[
            blockers(Contestant::Native, 1.1e8),
            blockers(Contestant::Shim, 1.4e8),
        ]);
        let table = table(&verdicts(&results, &[Measure::Blockers]));
        let text = "400 blockers ≤ 1.3 × 100 ms";
        assert_eq!(
            table.rows,
            [
                [text, "qio-task", "whole machine", "1.10 × 100 ms", "met"],
                [
                    text,
                    "qio-task (gtask)",
                    "whole machine",
                    "1.40 × 100 ms",
                    "MISSED"
                ],
            ]
        );
        assert!(table.notes[0].starts_with("1 met, 1 missed, 0 not measured"));
    }
}
