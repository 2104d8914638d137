//! `cargo xtask test`: the stages in order, up to the first that fails.

use std::process::ExitCode;

use crate::counts::Counts;
use crate::need::Need;
use crate::run::{Outcome, cargo, ended, run};
use crate::setup::{set_up, set_up_components};

/// The sets of features that the lints look at.
const FEATURES: [&str; 3] = ["", "gtask", "gtask,tracing"];

/// What the tests run on: a title, and which packages with which features.
const SUITES: [(&str, &[&str], &str); 4] = [
    ("xtask", &["--package", "xtask"], ""),
    ("native", &ALL_BUT_SLOW, ""),
    ("gtask", &ALL_BUT_SLOW, "gtask"),
    ("tracing", &["--test", "tracing"], "gtask,tracing"),
];

/// All packages that look at a backend, without those whose tests take minutes:
/// `cargo xtask check` runs these.
const ALL_BUT_SLOW: [&str; 7] = [
    "--workspace",
    "--exclude",
    "xtask",
    "--exclude",
    "interleavings",
    "--exclude",
    "compile-fail",
];

/// Runs every stage, and closes with the counts of those tests that ran.
pub fn test() -> ExitCode {
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
    for (suite, selection, features) in SUITES {
        stage(&format!("tests, {suite}"), || {
            let mut test = cargo(&["test", "--no-fail-fast"]);
            test.args(selection).args(with(features));
            let (counts, outcome) = Counts::of(&mut test);
            counted.push((suite, counts));
            outcome
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
    run(clippy.args(with(features)).args(["--", "-D", "warnings"]))
}

/// What chooses `features`; none are no argument.
pub fn with(features: &str) -> Vec<&str> {
    match features {
        "" => Vec::new(),
        features => vec!["--features", features],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_stage_is_named() {
        let why = stage("lints", || Err("it broke".to_owned())).unwrap_err();
        assert_eq!(why, "the stage \"lints\" failed: it broke");
    }
}
