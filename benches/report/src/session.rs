//! Carrying out a plan.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use crate::case::Placement;
use crate::forecast::{Advice, advise};
use crate::measure::Measure;
use crate::placement::Cores;
use crate::plan::{Effort, Run, plan};
use crate::program::Programs;
use crate::results::{Outcome, Record, Results};

/// Runs everyone in turn and says so as it goes.
pub fn hold(programs: &Programs, effort: Effort, measures: &[Measure]) -> Result<Results> {
    let offered = programs.offered(effort.limit())?;
    let cores = Cores::find();
    if cores.is_none() {
        eprintln!("report: this system does not keep a program on one core; that part is left out");
    }
    let runs = plan(effort, measures, &offered, cores.is_some());
    let mut results = Results::default();
    let mut number = 0;
    for group in runs.chunk_by(is_together) {
        let mut started = Vec::new();
        for run in group {
            number += 1;
            match advise(effort, *run, &results) {
                Advice::Enough => {}
                Advice::Skip(why) => {
                    results.push(recorded(*run, Duration::ZERO, Outcome::Skipped(why)));
                }
                Advice::Start => {
                    eprintln!("report: [{number}/{}] {}", runs.len(), run.case);
                    started.push(*run);
                }
            }
        }
        for record in at_once(programs, effort, cores.as_ref(), &started)? {
            results.push(record);
        }
    }
    Ok(results)
}

/// Processes that have nothing to do don't disturb each other: all their waiting is
/// done at the same time.
fn is_together(one: &Run, next: &Run) -> bool {
    one.case.measure == Measure::Idle
        && next.case.measure == Measure::Idle
        && one.repetition == next.repetition
}

fn at_once(
    programs: &Programs,
    effort: Effort,
    cores: Option<&Cores>,
    runs: &[Run],
) -> Result<Vec<Record>> {
    let Some(first) = runs.first() else {
        return Ok(Vec::new());
    };
    place(cores, first.case.placement);
    let records = thread::scope(|scope| {
        let started: Vec<_> = runs
            .iter()
            .map(|run| {
                scope.spawn(move || {
                    let begun = Instant::now();
                    let outcome = programs.run(run.case, effort.limit())?;
                    Ok(recorded(*run, begun.elapsed(), outcome))
                })
            })
            .collect();
        let ended = started.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .map(|ended| ended.map_err(|_| anyhow!("a run panicked"))?)
            .collect()
    });
    place(cores, Placement::Machine);
    records
}

/// Says so where a run did not end as it should.
fn recorded(run: Run, elapsed: Duration, outcome: Outcome) -> Record {
    if let Some(why) = outcome.excuse() {
        eprintln!("report: {}: {why}", run.case);
    }
    Record {
        case: run.case,
        repetition: run.repetition,
        elapsed,
        outcome,
    }
}

fn place(cores: Option<&Cores>, placement: Placement) {
    if let Some(cores) = cores {
        // It was tried when they were found.
        cores.place(placement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::contestant::Contestant;

    fn run(measure: Measure, repetition: usize) -> Run {
        let case = Case {
            measure,
            contestant: Contestant::Native,
            placement: Placement::Machine,
            size: None,
        };
        Run { case, repetition }
    }

    #[test]
    fn only_the_idle_wait_together() {
        let idle = run(Measure::Idle, 0);
        assert!(is_together(&idle, &idle));
        assert!(!is_together(&idle, &run(Measure::Idle, 1)));
        assert!(!is_together(&idle, &run(Measure::Frame, 0)));
        let frame = run(Measure::Frame, 0);
        assert!(!is_together(&frame, &frame));
    }
}
