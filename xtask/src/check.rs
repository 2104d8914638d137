//! `cargo xtask test`: the stages in order, up to the first that fails.

use std::process::ExitCode;

use crate::counts::Counts;
use crate::need::Need;
use crate::run::{Outcome, cargo, ended, run, run_seeing};
use crate::setup::{set_up, set_up_components};

/// The sets of features that the lints look at.
const FEATURES: [&str; 3] = ["", "gtask", "gtask,tracing"];

/// What the tests run on: a title, and which packages with which features.
const SUITES: [(&str, &[&str]); 4] = [
    ("xtask", &["--package", "xtask"]),
    ("native", &["--workspace", "--exclude", "xtask"]),
    (
        "gtask",
        &["--workspace", "--exclude", "xtask", "--features", "gtask"],
    ),
    (
        "tracing",
        &["--test", "tracing", "--features", "gtask,tracing"],
    ),
];

/// Runs every stage, and closes with the counts of those tests that ran.
pub fn check() -> ExitCode {
    let mut counted = Vec::new();
    let code = ended(stages(&mut counted));
    if !counted.is_empty() {
        let mut total = Counts::default();
        println!();
        for (suite, counts) in counted {
            println!("{suite}: {counts}");
            total += counts;
        }
        println!("{} passed, {} failed", total.passed, total.failed);
    }
    code
}

fn stages(counted: &mut Vec<(&'static str, Counts)>) -> Outcome {
    set_up(Need::FOR_TEST)?;
    set_up_components()?;
    stage("format", || run(&mut cargo(&["fmt", "--all", "--check"])))?;
    for features in FEATURES {
        stage(&format!("lints, features [{features}]"), || lint(features))?;
    }
    for (suite, selection) in SUITES {
        stage(&format!("tests, {suite}"), || {
            let mut counts = Counts::default();
            let outcome = test(selection, &mut counts);
            counted.push((suite, counts));
            outcome.and_then(|()| complete(counts))
        })?;
    }
    stage("documentation", || {
        run(cargo(&["doc", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings"))
    })
}

fn stage(title: &str, work: impl FnOnce() -> Outcome) -> Outcome {
    eprintln!("\nxtask: == {title} ==");
    work().map_err(|why| format!("the stage \"{title}\" failed: {why}"))
}

fn lint(features: &str) -> Outcome {
    let mut clippy = cargo(&["clippy", "--workspace", "--all-targets"]);
    if !features.is_empty() {
        clippy.args(["--features", features]);
    }
    run(clippy.args(["--", "-D", "warnings"]))
}

/// Tests, examples and documentation tests. Every one runs, also after a failure.
fn test(selection: &[&str], counts: &mut Counts) -> Outcome {
    let mut test = cargo(&["test", "--no-fail-fast"]);
    run_seeing(test.args(selection), |line| {
        if let Some(more) = Counts::parse(line) {
            *counts += more;
        }
    })
}

/// A test that does not run tells nothing, and must not look like one that passed.
fn complete(counts: Counts) -> Outcome {
    match counts {
        Counts { passed: 0, .. } => Err("no test ran".to_owned()),
        Counts { ignored: 0, .. } => Ok(()),
        Counts { ignored, .. } => Err(format!("{ignored} ignored: each test must run")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u32, ignored: u32) -> Counts {
        Counts {
            passed,
            failed: 0,
            ignored,
        }
    }

    #[test]
    fn an_ignored_test_fails_the_suite() {
        assert_eq!(complete(counts(3, 0)), Ok(()));
        assert!(complete(counts(3, 1)).is_err());
    }

    #[test]
    fn a_suite_without_tests_fails() {
        assert!(complete(counts(0, 0)).is_err());
    }

    #[test]
    fn a_failed_stage_is_named() {
        let why = stage("lints", || Err("it broke".to_owned())).unwrap_err();
        assert_eq!(why, "the stage \"lints\" failed: it broke");
    }
}
