//! `cargo xtask test`: the stages in order, up to the first that fails.

use std::process::ExitCode;

use crate::capi;
use crate::counts::Counts;
use crate::links;
use crate::need::Need;
use crate::portable;
use crate::run::{Outcome, cargo, ended, run, target, with};
use crate::setup::{set_up, set_up_components};
use crate::stage::stage;
use crate::tally::Tally;

/// The sets of features that the lints look at.
const FEATURES: [&str; 3] = ["", "gtask", "gtask,tracing,capi"];

/// What the tests run on: a title, and which packages with which features.
const SUITES: [(&str, &[&str], &str); 4] = [
    ("xtask", &["--package", "xtask"], ""),
    ("native", &ALL_BUT_SLOW, ""),
    ("gtask", &ALL_BUT_SLOW, "gtask"),
    ("tracing", &["--test", "tracing"], "gtask,tracing"),
];

/// All packages that look at a backend, without those whose tests take minutes:
/// `cargo xtask check` runs these; and without what needs GTK.
const ALL_BUT_SLOW: [&str; 9] = [
    "--workspace",
    "--exclude",
    "task-gallery",
    "--exclude",
    "xtask",
    "--exclude",
    "interleavings",
    "--exclude",
    "compile-fail",
];

/// Runs every stage, and closes with the counts of those tests that ran.
pub fn test() -> ExitCode {
    let mut tally = Tally::default();
    let code = ended(stages(&mut tally));
    tally.print();
    code
}

fn stages(tally: &mut Tally) -> Outcome {
    // Cargo may have been told of another linker: then only the tests in C need `cc`.
    let compiler = set_up(Need::FOR_C);
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
            tally.take(suite, Counts::of(&mut test))
        })?;
    }
    if cfg!(target_os = "linux") {
        for (suite, features) in portable::BACKENDS {
            stage(&format!("tests, {suite}"), || {
                tally.take(suite, Counts::of(&mut portable::tests(features)?))
            })?;
        }
    }
    match compiler {
        Ok(()) => capi::test(tally)?,
        Err(why) => tally.leave_out("C", why),
    }
    stage("documentation", || {
        run(cargo(&["doc", "--no-deps", "--all-features"]).env("RUSTDOCFLAGS", "-D warnings"))?;
        links::follow(&target()?.join("doc"), "qio_task").map(drop)
    })
}

fn lint(features: &str) -> Outcome {
    let mut clippy = cargo(&[
        "clippy",
        "--workspace",
        "--exclude",
        "task-gallery",
        "--all-targets",
    ]);
    run(clippy.args(with(features)).args(["--", "-D", "warnings"]))
}
