//! The tests on Windows: those in Rust, on both backends.

use std::path::Path;

use super::super::ending::Work;
use super::report::Report;
use super::windows::Windows;
use super::windows_target::TARGET;
use crate::counts::Counts;
use crate::run::with;

/// Each program of tests, and the features that it is run with.
const SUITES: [(&str, &[&str]); 6] = [
    ("contract", &["", "gtask"]),
    ("io_task", &["", "gtask"]),
    ("drivers", &["", "gtask"]),
    ("observe", &["", "gtask"]),
    ("gtask", &["gtask"]),
    ("tracing", &["gtask,tracing"]),
];

/// Runs all of them, also those after one that fails.
pub fn suites(place: &Path, report: &mut Report) -> Work<()> {
    let windows = Windows::set_up(place)?;
    for (suite, backends) in SUITES {
        for features in backends {
            let mut test = windows.cargo(&["test", "--no-fail-fast", "--test", suite]);
            let counts = Counts::of(test.args(with(features)));
            let what = format!("{suite} [{features}]");
            report.count(TARGET, &windows.words(), &what, counts);
        }
    }
    Ok(())
}
