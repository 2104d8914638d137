//! Carrying out a plan.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::case::Placement;
use crate::forecast::{Advice, advise};
use crate::measure::Measure;
use crate::placement::Cores;
use crate::plan::{Effort, plan};
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
    for (number, run) in runs.iter().enumerate() {
        let mut elapsed = Duration::ZERO;
        let outcome = match advise(effort, *run, &results) {
            Advice::Enough => continue,
            Advice::Skip(why) => Outcome::Skipped(why),
            Advice::Start => {
                eprintln!("report: [{}/{}] {}", number + 1, runs.len(), run.case);
                place(cores.as_ref(), run.case.placement);
                let begun = Instant::now();
                let outcome = programs.run(run.case, effort.limit());
                elapsed = begun.elapsed();
                place(cores.as_ref(), Placement::Machine);
                outcome?
            }
        };
        match &outcome {
            Outcome::Values(_) => {}
            Outcome::Skipped(why) => eprintln!("report: {} is skipped: {why}", run.case),
            Outcome::Overran(seconds) => {
                eprintln!("report: {} was ended after {seconds} s", run.case);
            }
            Outcome::Failed(why) => eprintln!("report: {} failed: {why}", run.case),
        }
        results.push(Record {
            case: run.case,
            repetition: run.repetition,
            elapsed,
            outcome,
        });
    }
    Ok(results)
}

fn place(cores: Option<&Cores>, placement: Placement) {
    if let Some(cores) = cores {
        // It was tried when they were found.
        cores.place(placement);
    }
}
