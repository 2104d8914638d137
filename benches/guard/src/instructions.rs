//! Running `benches/instructions.rs` under callgrind, with gungraun's runner.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::accepted::Counts;
use crate::command::{Outcome, answer, cargo, run, run_for_stdout};

const RUNNER: &str = "gungraun-runner";

/// How often each benchmark is counted. The least count is taken: on a machine that
/// is busy with something else, a dispatch gives way sooner, which only adds.
const RUNS: usize = 3;

/// The counts of this backend. Installs the runner below `target` if it is missing.
pub fn count() -> Outcome<Counts> {
    let metadata = Metadata::ask()?;
    let runner = runner(&metadata)?;
    let mut least = Counts::new();
    for _ in 0..RUNS {
        for (benchmark, count) in counts(&run_for_stdout(&mut bench(&runner))?)? {
            let least = least.entry(benchmark).or_insert(count);
            *least = count.min(*least);
        }
    }
    Ok(least)
}

fn bench(runner: &Path) -> Command {
    let mut bench = cargo(&["bench", "-p", "guard", "--bench", "instructions"]);
    if cfg!(feature = "gtask") {
        bench.args(["--features", "gtask"]);
    }
    bench
        .args(["--", "--output-format=json"])
        .env("GUNGRAUN_RUNNER", runner);
    bench
}

/// What `cargo metadata` says, as far as it is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

impl Metadata {
    fn ask() -> Outcome<Self> {
        let metadata = run_for_stdout(&mut cargo(&["metadata", "--format-version", "1"]))?;
        serde_json::from_str(&metadata).map_err(|error| format!("`cargo metadata`: {error}"))
    }
}

/// The path of the runner, which has to be of the library's very version.
fn runner(metadata: &Metadata) -> Outcome<PathBuf> {
    let library = metadata.packages.iter().find(|it| it.name == "gungraun");
    let version = &library.ok_or("Cargo.lock has no gungraun")?.version;
    let tools = metadata.target_directory.join("bench/tools");
    let runner = tools.join("bin").join(RUNNER);
    if version_of(&runner).as_ref() != Some(version) {
        let mut install = cargo(&[
            "install",
            RUNNER,
            "--version",
            version,
            "--locked",
            "--root",
        ]);
        run(install.arg(tools))?;
    }
    Ok(runner)
}

/// What an installed runner calls itself is its name and version.
fn version_of(runner: &Path) -> Option<String> {
    let answer = answer(Command::new(runner).arg("--version"))?;
    Some(answer.strip_prefix(RUNNER)?.trim().to_owned())
}

/// A line of gungraun's output, as far as it is needed.
#[derive(Deserialize)]
struct Summary {
    function_name: String,
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    tool: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    total: Total,
}

#[derive(Deserialize)]
struct Total {
    metrics: Metrics,
}

#[derive(Deserialize)]
struct Metrics {
    /// Instructions read: callgrind's name for those that were executed.
    #[serde(rename = "Ir")]
    instructions: Metric,
}

#[derive(Deserialize)]
struct Metric {
    values: Values,
}

/// Beside what an earlier run has left.
#[derive(Deserialize)]
struct Values {
    new: u64,
}

/// Reads gungraun's output: a summary in each line.
fn counts(output: &str) -> Outcome<Counts> {
    let counts = (output.lines())
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let summary: Summary = serde_json::from_str(line).map_err(|error| {
                format!("gungraun's summary is not as expected: {error}\n{line}")
            })?;
            let callgrind = (summary.profiles.into_iter())
                .find(|profile| profile.tool == "Callgrind")
                .ok_or_else(|| format!("gungraun's summary has no profile of callgrind\n{line}"))?;
            let count = callgrind.data.total.metrics.instructions.values.new;
            Ok((summary.function_name, count))
        })
        .collect::<Outcome<Counts>>()?;
    if counts.is_empty() {
        return Err("gungraun has counted nothing".to_owned());
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As gungraun 0.20 writes it for a first run, and for one that follows another.
    const OUTPUT: &str = include_str!("../fixtures/summary.jsonl");

    #[test]
    fn each_line_is_the_count_of_a_benchmark() {
        let expected = [("foreign", 3_029_171), ("inline", 2_135_789)];
        let expected = expected.map(|(name, count)| (name.to_owned(), count));
        assert_eq!(counts(OUTPUT), Ok(Counts::from(expected)));
    }

    #[test]
    fn no_count_is_a_failure() {
        assert!(counts("").unwrap_err().contains("nothing"));
        let other_tool = OUTPUT.replace("Callgrind", "DHAT");
        assert!(counts(&other_tool).unwrap_err().contains("no profile"));
        assert!(counts("{}").unwrap_err().contains("not as expected"));
    }
}
