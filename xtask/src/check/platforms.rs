//! The library where it does not run by itself: whether it compiles for macOS, the BSDs and
//! Windows, what it has for those on this machine, and the tests on Windows under Wine.

mod c;
mod debian;
mod glib;
mod glib_config;
mod portable;
mod quirks;
mod report;
mod stand_ins;
mod suites;
mod toolchain;
mod types;
mod windows;
mod windows_target;
mod wine;

use report::Report;

use super::ending::Work;
use super::request::{Part, Request};
use crate::run::target;

/// Looks at each part, also at those after one that fails, and prints a table of all.
pub fn platforms(request: &Request) -> Work<String> {
    let place = target()?.join("check/platforms");
    let mut report = Report::default();
    for part in Part::ALL.into_iter().filter(|part| request.has_part(*part)) {
        let name = part.name();
        eprintln!("\nxtask: -- {name} --");
        let work = match part {
            Part::Types => types::types,
            Part::Portable => portable::portable,
            Part::Windows => suites::suites,
            Part::C => c::c,
        };
        if let Err(why) = work(&place, &mut report) {
            eprintln!("xtask: {name}: {why:?}");
            report.leave_out(name, why);
        }
    }
    println!("\n{}", report.table());
    report.end()
}
