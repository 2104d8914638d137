//! What was to be reached, and whether it was.

mod list;
mod view;

use serde::Serialize;

use crate::case::Placement;
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::results::Results;
use crate::table::Table;
use list::TARGETS;
use view::View;

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
    if count(Status::Missed) > 0 {
        let why = "Why some are missed, and what was tried: docs/performance.md";
        table.notes.push(why.to_owned());
    }
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

    use super::list::{FEW, MANY};
    use super::*;
    use crate::case::Case;
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
