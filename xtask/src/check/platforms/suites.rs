//! The tests on Windows: those in Rust, on both backends, and the demo.

use std::fs;
use std::path::Path;

use super::super::ending::Work;
use super::quirks::QUIRKS;
use super::report::Report;
use super::windows::Windows;
use super::windows_target::TARGET;
use super::wine::path;
use crate::counts::Counts;
use crate::run::{run, with};

/// Cargo's word for a program of tests.
const TEST: &str = "--test=";

/// What the tests are run with, and which there are then.
const SUITES: [(&str, &[&str]); 3] = [
    (
        "",
        &[
            "--lib",
            "--test=contract",
            "--test=io_task",
            "--test=drivers",
            "--test=observe",
        ],
    ),
    (
        "gtask",
        &[
            "--lib",
            "--test=contract",
            "--test=io_task",
            "--test=drivers",
            "--test=observe",
            "--test=gtask",
        ],
    ),
    ("gtask,tracing", &["--test=tracing"]),
];

/// How many seconds a test may wait: Wine takes its time, and more on a busy machine.
const PATIENCE: &str = "300";

/// Runs all of them, also those after one that fails.
pub fn suites(place: &Path, report: &mut Report) -> Work<()> {
    let windows = Windows::set_up(place)?;
    let with_what = windows.words();
    // A line for each process that was not started at once.
    let retries = windows.place.join("retries");
    let _ = fs::remove_file(&retries);
    for quirk in &QUIRKS {
        let what = format!("left out, as {}: {}", quirk.why, quirk.tests.join(", "));
        report.take(TARGET, &with_what, &what, quirk.holds(&windows), "it is so");
    }
    for (features, suites) in SUITES {
        for suite in suites {
            let mut test = windows.cargo(&["test", "--no-fail-fast", suite]);
            test.args(with(features))
                .env("QIO_TASK_RETRIES", path(&retries))
                .env("QIO_TASK_PATIENCE", PATIENCE);
            let counts = Counts::of(&mut test);
            let what = suite.strip_prefix(TEST).unwrap_or("its own tests");
            let what = format!("{what} [{features}]");
            report.count(TARGET, &with_what, &what, counts);
        }
    }
    let lines = fs::read_to_string(&retries).unwrap_or_default();
    let again = format!("{} started again", lines.lines().count());
    report.take(TARGET, &with_what, "processes of the tests", Ok(()), &again);
    let demo = run(&mut windows.cargo(&["run", "--example", "probe"]));
    report.take(TARGET, &with_what, "probe, its demo", demo, "completes");
    Ok(())
}
