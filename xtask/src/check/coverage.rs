//! What the suite reaches, both backends taken together.

use std::fs;
use std::process::Command;

use super::backends::BACKENDS;
use super::ending::Work;
use super::lcov::Reached;
use super::llvm::Llvm;
use crate::run::{Outcome, root, run, target, with};
use crate::tool::Tool;

/// The least that must be reached, in percent: as much as is, so that it can't become
/// less unseen.
const LINES: f64 = 98.0;
const BRANCHES: f64 = 89.0;

/// The examples that tests start, each with an argument with which it ends by itself:
/// this tool builds only what it runs.
const STARTED: [(&str, &str); 7] = [
    ("anyhow", "examples"),
    ("cancellable_future", ""),
    ("clone", "Cargo.toml"),
    ("join_select", ""),
    ("probe", "--help"),
    ("spawn_local", ""),
    ("stuck", "--help"),
];

/// Runs the suite, and compares what it reaches with the least. The results go to
/// `target/check/coverage`.
pub fn coverage() -> Work<String> {
    let llvm = Llvm::set_up()?;
    Tool::LLVM_COV.set_up()?;
    let place = target()?.join("check/coverage");
    let llvm_cov = |arguments: &[&str]| -> Outcome<Command> {
        let mut command = Tool::LLVM_COV.command()?;
        command
            .args(arguments)
            // Branches are not stable.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", &place)
            .env("LLVM_COV", &llvm.cov)
            .env("LLVM_PROFDATA", &llvm.profdata);
        Ok(command)
    };
    // What older sources were built to is no part of this.
    run(&mut llvm_cov(&["clean", "--workspace"])?)?;
    for features in BACKENDS {
        for (example, argument) in STARTED {
            let run_it = ["run", "--example", example, "--no-report", "--branch"];
            run(llvm_cov(&run_it)?
                .args(with(features))
                .args(["--", argument]))?;
        }
        let test = [
            "test",
            "--no-report",
            "--branch",
            "--no-fail-fast",
            "--tests",
        ];
        let packages = ["--package", "qio-task", "--package", "faults"];
        run(llvm_cov(&test)?.args(packages).args(with(features)))?;
    }
    let lcov = place.join("lcov.info");
    let lcov_report = ["report", "--branch", "--lcov", "--output-path"];
    run(llvm_cov(&lcov_report)?.arg(&lcov))?;
    let others = ["--ignore-filename-regex", "(tests|examples|benches|xtask)/"];
    let html_report = ["report", "--branch", "--html", "--output-dir"];
    run(llvm_cov(&html_report)?.arg(&place).args(others))?;

    let lcov = fs::read_to_string(&lcov)
        .map_err(|error| format!("can't read {}: {error}", lcov.display()))?;
    let reached = Reached::parse(&lcov, &format!("{}/src/", root().display()));
    let unreached = place.join("unreached.txt");
    fs::write(&unreached, reached.unreached())
        .map_err(|error| format!("can't write {}: {error}", unreached.display()))?;
    println!("\n{}\n{}", reached.table(), reached.unreached());
    println!("The same line by line: {}/html/index.html", place.display());
    Ok(judge(&reached)?)
}

fn judge(reached: &Reached) -> Outcome<String> {
    if reached.lines().all == 0 {
        return Err("there is nothing of src in what was looked at".to_owned());
    }
    let (lines, branches) = (reached.lines().percent(), reached.branches().percent());
    let found = format!("{lines:.1} % of the lines and {branches:.1} % of the branches of src");
    if lines < LINES || branches < BRANCHES {
        return Err(format!(
            "{found}, where {LINES} and {BRANCHES} % were reached before"
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge_lines(lcov: &str) -> Outcome<String> {
        judge(&Reached::parse(lcov, "/q/"))
    }

    #[test]
    fn less_than_before_fails() {
        assert!(judge_lines("SF:/q/task.rs\nDA:1,1\n").is_ok());
        assert!(judge_lines("SF:/q/task.rs\nDA:1,1\nDA:2,0\n").is_err());
        assert!(judge_lines("SF:/other/task.rs\nDA:1,1\n").is_err());
        assert!(judge_lines("SF:/q/task.rs\nDA:1,1\nBRDA:1,0,0,1\nBRDA:1,0,1,0\n").is_err());
    }
}
