//! The whole test and the model, or the gallery's tests or the stage `loops`, on other
//! releases of Debian, each in a root of its own below `target`, as a newcomer there runs
//! them: the commands install what they need.

mod archive;
mod foreign;
mod report;
mod root;
mod windows;

use archive::Archive;
use report::Report;
use root::Root;

use super::ending::{Stop, Work};
use super::request::{Request, There};
use super::rust::Toolchain;
use crate::need::Need;
use crate::run::{Outcome, run, run_seeing};
use crate::setup::{set_up, set_up_components};

/// Those that are looked at if none is named: the last one, and what becomes the next.
const RELEASES: [&str; 2] = ["trixie", "sid"];

/// Looks at each release that `request` names, also at those after one that fails, and
/// prints a table of all.
pub fn systems(request: &Request) -> Work<String> {
    archive::is_reachable()?;
    root::is_allowed()?;
    let toolchain = Toolchain::find()?;
    lacks(set_up_components())?;
    lacks(set_up(Need::FOR_ROOT))?;
    let archive = Archive::find()?;
    let releases: Vec<&str> = match request.releases.as_slice() {
        [] => RELEASES.to_vec(),
        named => named.iter().map(String::as_str).collect(),
    };
    match request.there {
        There::Tests => test(&releases, &archive, &toolchain),
        There::Gallery => windows::look_at(&releases, &archive, &toolchain),
        There::Loops => foreign::look_at(&releases, &archive, &toolchain),
    }
}

/// Runs the whole test and the model on each.
fn test(releases: &[&str], archive: &Archive, toolchain: &Toolchain) -> Work<String> {
    let mut reports = Vec::new();
    for release in releases {
        let mut report = Report::new(release);
        if let Err(why) = look_at(archive, toolchain, &mut report) {
            eprintln!("xtask: {release}: {why}");
        }
        report.end();
        reports.push(report);
    }
    println!("\n{}", report::table(&reports));
    let failed: Vec<_> = reports.iter().filter(|report| !report.is_well()).collect();
    match failed.as_slice() {
        [] => Ok(report::summary(&reports)),
        failed => Err(report::summary(failed.iter().copied()).into()),
    }
}

/// Runs both commands there; the second one also if the first one fails.
fn look_at(archive: &Archive, toolchain: &Toolchain, report: &mut Report) -> Outcome {
    let root = Root::set_up(report.release, archive, toolchain)?;
    let tested = run_seeing(&mut root.command(&["cargo", "xtask", "test"]), |line| {
        report.see(line);
    });
    report.has_passed_tests = tested.is_ok();
    report.glib = root.version("glib-2.0");
    let model = run(&mut root.command(&["cargo", "xtask", "check", "model"]));
    report.has_passed_model = model.is_ok();
    tested.and(model)
}

/// What this machine must be given first.
fn lacks(outcome: Outcome) -> Work<()> {
    outcome.map_err(Stop::Lacks)
}
