//! Whether the library, its tests and its examples compile for other systems.

use std::path::Path;
use std::process::Command;

use super::super::ending::Work;
use super::report::Report;
use super::stand_ins::StandIns;
use super::toolchain::Toolchain;
use crate::run::{Outcome, run, with};

/// Those that are looked at: macOS, the BSDs, and both kinds of Windows.
const TARGETS: [&str; 6] = [
    "aarch64-apple-darwin",
    "x86_64-unknown-freebsd",
    "x86_64-unknown-netbsd",
    "x86_64-unknown-openbsd",
    "x86_64-pc-windows-msvc",
    "x86_64-pc-windows-gnu",
];

/// What is compiled: what it is called, cargo's words, and features.
const PARTS: [(&str, &[&str], &str); 6] = [
    ("library", &[], ""),
    ("library", &[], "gtask"),
    ("library", &[], "tracing"),
    ("library", &[], "capi"),
    ("library, tests, examples", &["--all-targets"], ""),
    (
        "library, tests, examples",
        &["--all-targets"],
        "gtask,tracing,capi",
    ),
];

/// Compiles all of it for each target, also what comes after what fails.
pub fn types(place: &Path, report: &mut Report) -> Work<()> {
    let stand_ins = StandIns::set_up(&place.join("stand-ins"))?;
    for target in TARGETS {
        let toolchain = Toolchain::set_up(target, place)?;
        for (what, words, features) in PARTS {
            let mut check = toolchain.cargo(target, &["check", "--package", "qio-task"]);
            check
                .args(words)
                .args(with(features))
                .env("CARGO_TARGET_DIR", place.join("types"));
            stand_ins.lend(&mut check, target);
            let ended = compile(&mut check);
            let title = format!("{what} [{features}]");
            report.take(target, &toolchain.words(), &title, ended, "compiles");
        }
    }
    Ok(())
}

/// A warning is no more welcome there than here.
fn compile(check: &mut Command) -> Outcome {
    run(check.env("RUSTFLAGS", "-D warnings"))
}
