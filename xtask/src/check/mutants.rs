//! Whether a test fails when a line of the sources says something else.
//!
//! Each mutant meets the tests on one backend, and if it survives those, on the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use super::ending::{Stop, Work};
use super::request::Request;
use super::tree::mirror;
use crate::run::{Outcome, code_of, target, with};
use crate::tool::Tool;

/// Of this many shares one is tried each day, unless all are asked for.
const SHARES: u64 = 8;

/// Seconds that the tests of a mutant may take: they take a dozen, and more beside other programs.
const LIMIT: &str = "60";

/// Seconds after which a test says that nothing has happened.
const PATIENCE: &str = "5";

/// The files of one backend alone.
const NATIVE: &str = "src/node/backend/native.rs";
const GTASK: &str = "src/node/backend/gtask.rs";

/// Tries today's share of the mutants, or all of them. Those that survive are written
/// to `target/check/mutants/survivors.txt`.
pub fn mutants(request: &Request) -> Work<String> {
    Tool::MUTANTS.set_up()?;
    let place = target()?.join("check/mutants");
    mirror(&place.join("tree"))?;
    let share = (!request.all_mutants).then(|| {
        let share = share_of(SystemTime::now());
        format!("--shard={share}/{SHARES}")
    });
    // The neighbours of a mutant are much like it: the shares take turns.
    let share: Vec<&str> = share
        .iter()
        .flat_map(|share| [share, "--sharding=round-robin"])
        .collect();

    let native = Pass::run(
        &place,
        "native",
        "",
        &[&share[..], &["--exclude", GTASK]].concat(),
    )?;
    let gtask = Pass::run(
        &place,
        "gtask",
        "gtask,tracing",
        &[&share[..], &["--file", GTASK]].concat(),
    )?;
    let (alone, shared): (Vec<String>, Vec<String>) = native
        .missed
        .iter()
        .cloned()
        .partition(|mutant| mutant.starts_with(NATIVE));
    let again = match shared.as_slice() {
        [] => Pass::default(),
        shared => {
            let chosen: Vec<String> = shared.iter().map(|mutant| exactly(mutant)).collect();
            let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
            Pass::run(&place, "survivors", "gtask,tracing", &chosen)?
        }
    };
    let survivors = [alone, gtask.missed, again.missed].concat();
    let list = place.join("survivors.txt");
    fs::write(&list, survivors.join("\n") + "\n")
        .map_err(|error| format!("can't write {}: {error}", list.display()))?;
    let caught = native.caught + gtask.caught + again.caught;
    match survivors.as_slice() {
        [] if caught == 0 => Err("no mutant was tried".to_owned().into()),
        [] => Ok(format!("{caught} mutants, each caught")),
        _ => {
            println!("\nThese survive:\n{}", survivors.join("\n"));
            let number = survivors.len();
            let all = caught + number;
            Err(Stop::Failed(format!("{number} of {all} mutants survive")))
        }
    }
}

/// One run of cargo-mutants.
#[derive(Default)]
struct Pass {
    /// How many failed a test, or made one hang.
    caught: usize,
    missed: Vec<String>,
}

impl Pass {
    fn run(place: &Path, name: &str, features: &str, chosen: &[&str]) -> Outcome<Self> {
        let output = place.join(name);
        fs::create_dir_all(&output)
            .map_err(|error| format!("can't make {}: {error}", output.display()))?;
        let mut mutants = command(place, features)?;
        match code_of(mutants.arg("--output").arg(&output).args(chosen).args([
            "--",
            "--",
            "-Zunstable-options",
            "--fail-fast",
        ]))? {
            // All were caught; or some were missed, or ran out of time.
            0 | 2 | 3 => Self::read(&output.join("mutants.out")),
            4 => Err("the tests fail without any mutant".to_owned()),
            code => Err(format!("cargo-mutants failed with exit code {code}")),
        }
    }

    fn read(output: &Path) -> Outcome<Self> {
        let list = |name| {
            let list = output.join(name);
            let text = fs::read_to_string(&list)
                .map_err(|error| format!("can't read {}: {error}", list.display()))?;
            Ok::<_, String>(text.lines().map(str::to_owned).collect::<Vec<_>>())
        };
        Ok(Self {
            caught: list("caught.txt")?.len() + list("timeout.txt")?.len(),
            missed: list("missed.txt")?,
        })
    }
}

/// In the copy, where little but the changed file is built anew for each mutant.
fn command(place: &Path, features: &str) -> Outcome<Command> {
    let mut mutants = Tool::MUTANTS.command()?;
    mutants
        .current_dir(place.join("tree"))
        .args(["--in-place", "--timeout", LIMIT, "--build-timeout", "300"])
        .args(with(features));
    if !features.is_empty() {
        mutants.args(["--cargo-arg=--test=gtask", "--cargo-arg=--test=tracing"]);
    }
    mutants
        .env("CARGO_TARGET_DIR", built(place))
        // A mutant is one changed line: a fifth of the time of a build that begins anew.
        .env("CARGO_INCREMENTAL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_TEST_DEBUG", "0")
        .env("QIO_TASK_PATIENCE", PATIENCE)
        // To stop at the first test that fails is not stable.
        .env("RUSTC_BOOTSTRAP", "1");
    Ok(mutants)
}

fn built(place: &Path) -> PathBuf {
    place.join("built")
}

/// The option that chooses this mutant alone.
fn exactly(mutant: &str) -> String {
    let mut option = "--re=^".to_owned();
    for character in mutant.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            option.push('\\');
        }
        option.push(character);
    }
    option + "$"
}

/// The share of the day.
fn share_of(now: SystemTime) -> u64 {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / (24 * 60 * 60) % SHARES
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_day_has_another_share_and_none_is_left_out() {
        let day = Duration::from_hours(24);
        for number in 0..20 {
            let share = share_of(UNIX_EPOCH + day * number);
            assert_eq!(share, u64::from(number) % SHARES);
        }
    }

    #[test]
    fn a_mutant_is_chosen_by_its_name_alone() {
        assert_eq!(
            exactly("src/state.rs:9:5: replace && with ||"),
            r"--re=^src/state\.rs:9:5: replace && with \|\|$"
        );
    }
}
