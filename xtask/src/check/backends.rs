//! What is done on each backend.

use std::process::Command;

use super::ending::Work;
use crate::counts::Counts;

/// The backends, by the features that choose them; the second has its trace events, too.
pub const BACKENDS: [&str; 2] = ["", "gtask,tracing"];

/// Runs the tests that `command` makes of each of `backends`.
pub fn run_tests(backends: &[&str], command: impl Fn(&str) -> Work<Command>) -> Work<String> {
    let mut total = Counts::default();
    for features in backends {
        let (counts, outcome) = Counts::of(&mut command(features)?);
        outcome?;
        total += counts;
    }
    Ok(format!("{} tests", total.passed))
}
