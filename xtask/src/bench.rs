//! `cargo xtask bench`: builds the contestants, has them run, and closes with the
//! guard.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::need::Need;
use crate::run::{Outcome, cargo, run, target};
use crate::setup::{set_up, set_up_what_there_is};

/// A backend of the library: its name, and what chooses it.
type Backend = (&'static str, &'static [&'static str]);

const NATIVE: Backend = ("native", &[]);
const GTASK: Backend = ("gtask", &["--features", "gtask"]);

/// Runs `benches/report` with `arguments`, and then the guard.
pub fn bench(arguments: &[String]) -> Outcome {
    set_up(Need::FOR_DEMO)?;
    // Now, because what may ask for a password should not do so at the end.
    let can_guard = set_up(Need::FOR_GUARD);
    set_up_what_there_is(Need::FOR_LIBDEX);
    let built = target()?;
    let results = built.join("bench");
    fs::create_dir_all(&results)
        .map_err(|error| format!("can't make {}: {error}", results.display()))?;
    // Before anything is built for a word that is misspelt.
    run(&mut report(&results, arguments, &["--check"]))?;
    for backend in [NATIVE, GTASK] {
        build(&built, "contest", "contest", backend, &[])?;
    }
    let mut sizes = Vec::new();
    if measures_size(arguments) {
        // Only the program itself is stripped: nothing is compiled anew for it.
        let strip = ["--", "-C", "strip=symbols"];
        for (option, program, backend) in [
            ("--with", "with", NATIVE),
            ("--with-gtask", "with", GTASK),
            ("--without", "without", NATIVE),
        ] {
            build(&built, "size", program, backend, &strip)?;
            sizes.push(format!(
                "{option}={}",
                kept(&results, program, backend).display()
            ));
        }
    }
    let sizes: Vec<&str> = sizes.iter().map(String::as_str).collect();
    run(&mut report(&results, arguments, &sizes))?;
    match can_guard {
        Ok(()) => guard(),
        Err(why) => {
            eprintln!("\nxtask: instructions and system calls are not counted: {why}");
            Ok(())
        }
    }
}

/// The program that has the contestants run, with what the user has asked of it.
fn report(results: &Path, arguments: &[String], more: &[&str]) -> Command {
    let mut report = cargo(&["run", "--release", "--package", "report", "--"]);
    report.arg("--out").arg(results);
    for (option, backend) in [("--native", NATIVE), ("--gtask", GTASK)] {
        report.arg(option).arg(kept(results, "contest", backend));
    }
    report.args(more).args(arguments);
    report
}

/// The guard that does not depend on the clock, once for each backend: also for the
/// second one where the first has failed.
fn guard() -> Outcome {
    let guard = |(_, features): Backend| {
        run(cargo(&["run", "--release", "--package", "guard"]).args(features))
    };
    guard(NATIVE).and(guard(GTASK))
}

/// Builds `program`, and keeps a copy where the build for the other backend leaves it
/// alone.
fn build(built: &Path, package: &str, program: &str, backend: Backend, flags: &[&str]) -> Outcome {
    let mut rustc = cargo(&["rustc", "--release", "--package", package, "--bin", program]);
    run(rustc.args(backend.1).args(flags))?;
    let fresh = built.join("release").join(program);
    let kept = kept(&built.join("bench"), program, backend);
    fs::copy(&fresh, &kept).map_err(|error| format!("can't keep {}: {error}", fresh.display()))?;
    Ok(())
}

/// Where `program` is kept.
fn kept(results: &Path, program: &str, (backend, _): Backend) -> PathBuf {
    results.join(format!("{program}-{backend}"))
}

/// Whether the size is among the measures: without any, all are taken.
fn measures_size(arguments: &[String]) -> bool {
    let mut measures = arguments
        .iter()
        .filter(|word| !word.starts_with('-'))
        .peekable();
    measures.peek().is_none() || measures.any(|measure| measure == "size")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_taken_unless_others_are_named() {
        for (arguments, taken) in [
            (&[][..], true),
            (&["--quick"], true),
            (&["--quick", "burst"], false),
            (&["burst", "size"], true),
        ] {
            let words: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(measures_size(&words), taken, "{arguments:?}");
        }
    }
}
