//! The library where it does not run by itself: whether it compiles for macOS, FreeBSD and
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

use std::path::Path;

use report::Report;

use super::ending::Work;
use super::request::Request;
use crate::run::target;

/// What is looked at.
struct Part {
    name: &'static str,
    work: fn(&Path, &mut Report) -> Work<()>,
}

const PARTS: [Part; 4] = [
    Part {
        name: "types",
        work: types::types,
    },
    Part {
        name: "portable",
        work: portable::portable,
    },
    Part {
        name: "windows",
        work: suites::suites,
    },
    Part {
        name: "c",
        work: c::c,
    },
];

/// Looks at each part, also at those after one that fails, and prints a table of all.
pub fn platforms(request: &Request) -> Work<String> {
    let place = target()?.join("check/platforms");
    let mut report = Report::default();
    for part in PARTS.iter().filter(|part| request.has_part(part.name)) {
        eprintln!("\nxtask: -- {} --", part.name);
        if let Err(why) = (part.work)(&place, &mut report) {
            eprintln!("xtask: {}: {why:?}", part.name);
            report.leave_out(part.name, why);
        }
    }
    println!("\n{}", report.table());
    report.end()
}
