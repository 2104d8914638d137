//! Tasks in the loops of real toolkits that never rest: told all the same, within the bound.
//!
//! The programs of `tests/loops` keep the loop of a toolkit busy. Each runs twice: once
//! without a bound, where no task may be told, as the loop would rest otherwise and the
//! program show nothing; and once with it. They measure how late each task is told, and fail
//! only when that is by far too late: other programs may run on the machine.
//!
//! One of them quits instead while its workers run code of the interpreter, on threads that the
//! interpreter ends: it has to exit as if there were none.

mod report;
mod toolkit;

use std::path::Path;

use report::Report;
use toolkit::{Ready, TOOLKITS, Toolkit};

use super::ending::Work;
use crate::capi::{BACKENDS, Library};
use crate::run::{Outcome, run_seeing, target};
use crate::tap::Tap;

/// Runs all of them on both backends, also those after one that fails, and prints a table.
pub fn loops() -> Work<String> {
    let place = target()?.join("check/loops");
    let mut report = Report::default();
    let mut ready = Vec::new();
    for toolkit in &TOOLKITS {
        match toolkit.set_up(&place) {
            Ok(found) => ready.push((toolkit, found)),
            Err(why) => report.leave_out(toolkit.name, why),
        }
    }
    for (backend, features) in BACKENDS {
        let place = place.join(backend);
        let library = Library::build(features, &place)?;
        for (toolkit, found) in &ready {
            let outcome = run_each(toolkit, found, &library, &place, |line| {
                report.see(backend, line);
            });
            if let Err(why) = outcome {
                eprintln!("xtask: {}: {why}", toolkit.name);
                report.fail(backend, toolkit.name);
            }
        }
    }
    println!("\n{}", report.table());
    report.end()
}

/// Runs each case of `toolkit`, also those after one that fails.
fn run_each(
    toolkit: &Toolkit,
    ready: &Ready,
    library: &Library,
    place: &Path,
    mut see: impl FnMut(&str),
) -> Outcome {
    let program = ready.compile(library, place)?;
    let mut outcome = Ok(());
    for case in toolkit.cases {
        for mode in toolkit.modes {
            let mut tap = Tap::default();
            let mut command = ready.command(&program);
            let ended = run_seeing(command.args(*case).arg(mode), |line| {
                tap.see(line);
                see(line);
            });
            let (counts, told) = tap.end();
            let ended = ended.and(told).and_then(|()| counts.complete());
            // The command of one in a window has so many variables that nobody would find it.
            outcome = outcome.and(ended.map_err(|_| "not all told, as is said above".to_owned()));
        }
    }
    outcome
}
