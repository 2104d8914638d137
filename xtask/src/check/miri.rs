//! The task's allocation under Miri, which sees what is undefined; or, where that can't be
//! had, under `AddressSanitizer`, which sees some of it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::backends::run_tests;
use super::ending::Work;
use super::rust::Rust;
use super::sanitizer::Sanitizer;
use crate::counts::Counts;
use crate::run::{is_on_path, output, root, run, run_within, succeeds, target};

/// The package with the tests.
const PACKAGE: [&str; 2] = ["--package", "node"];

/// The tests of more than one thread, by what their names begin with.
const THREADS: &str = "threads";

/// In how many orders each of those is run.
const SEEDS: u32 = 8;

/// The clock is the system's.
const FLAGS: &str = "-Zmiri-disable-isolation";

/// To download a component may take so long.
const PATIENCE: Duration = Duration::from_mins(5);

pub fn miri() -> Work<String> {
    match toolchain() {
        Ok(toolchain) => under_miri(&toolchain),
        Err(why) => {
            eprintln!("xtask: no Miri: {why}");
            let tests = under_address()?;
            Ok(format!(
                "{tests} under AddressSanitizer, which sees less, for want of Miri: {why}"
            ))
        }
    }
}

fn under_miri(toolchain: &str) -> Work<String> {
    let (counts, outcome) = Counts::of(&mut test(toolchain, FLAGS)?);
    outcome?;
    // They run at the same time, and so their lines are not to be counted.
    let flags = format!("{FLAGS} -Zmiri-many-seeds=0..{SEEDS}");
    run(test(toolchain, &flags)?.arg(THREADS))?;
    Ok(format!(
        "{} tests, those of threads in {SEEDS} orders besides, with Miri of {toolchain}",
        counts.passed
    ))
}

fn test(toolchain: &str, flags: &str) -> Work<Command> {
    let mut test = of(toolchain);
    test.args(["miri", "test", "--lib"])
        .args(PACKAGE)
        .current_dir(root())
        .env("MIRIFLAGS", flags)
        .env("CARGO_TARGET_DIR", target()?.join("check/miri"));
    Ok(test)
}

/// The cargo of another toolchain than that which has started this program.
fn of(toolchain: &str) -> Command {
    let mut cargo = Command::new("rustup");
    cargo.args(["run", toolchain, "cargo"]);
    cargo
}

/// A toolchain with Miri, which is added to it if need be. If there is none, why.
fn toolchain() -> Result<String, String> {
    if !is_on_path("rustup") {
        return Err("rustup, which has it, is not here".to_owned());
    }
    let toolchains = output(Command::new("rustup").args(["toolchain", "list"]));
    let toolchain = toolchains.as_deref().and_then(nightly).ok_or(
        "no nightly Rust is here; `rustup toolchain install nightly --profile minimal` brings it",
    )?;
    if !has_miri(&toolchain) {
        let mut add = Command::new("rustup");
        add.args(["component", "add", "--toolchain", &toolchain]);
        run_within(PATIENCE, add.args(["miri", "rust-src"]))?;
    }
    Ok(toolchain)
}

fn has_miri(toolchain: &str) -> bool {
    let sources = "lib/rustlib/src/rust/library/Cargo.lock";
    let sysroot =
        output(Command::new("rustup").args(["run", toolchain, "rustc", "--print", "sysroot"]));
    let has_sources =
        sysroot.is_some_and(|sysroot| Path::new(sysroot.trim_end()).join(sources).is_file());
    has_sources && succeeds(of(toolchain).args(["miri", "--version"]))
}

/// The newest nightly toolchain of those that rustup lists: that of no date, if it is there.
fn nightly(toolchains: &str) -> Option<String> {
    let names = toolchains.lines().filter_map(|line| line.split(' ').next());
    let nightlies = names.filter(|name| name.starts_with("nightly-"));
    let is_dated = |name: &&str| name["nightly-".len()..].starts_with(|c: char| c.is_ascii_digit());
    let (dated, others): (Vec<_>, Vec<_>) = nightlies.partition(is_dated);
    let newest = others.into_iter().next().or(dated.into_iter().max());
    newest.map(str::to_owned)
}

/// The same tests, as far as the sanitizer of addresses sees. That of threads takes the
/// order that the locks of std make for none, as std is delivered without it: the stage
/// `threads` has locks of its own.
fn under_address() -> Work<String> {
    let rust = Rust::find()?;
    let arguments: Vec<_> = ["test", "--lib"].into_iter().chain(PACKAGE).collect();
    run_tests(&[""], |_| Sanitizer::Address.cargo(&rust, &arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_nightly_is_taken() {
        let stable = "stable-x86_64-unknown-linux-gnu (active, default)\n";
        assert_eq!(nightly(stable), None);
        let dated = "nightly-2026-01-02-x86_64-unknown-linux-gnu";
        let older = "nightly-2025-11-30-x86_64-unknown-linux-gnu";
        let list = format!("{stable}{older}\n{dated}\n1.95.0-x86_64-unknown-linux-gnu\n");
        assert_eq!(nightly(&list).as_deref(), Some(dated));
        let newest = "nightly-x86_64-unknown-linux-gnu";
        let list = format!("{list}{newest} (override)\n");
        assert_eq!(nightly(&list).as_deref(), Some(newest));
    }
}
