//! Programs of cargo's that the checks need: built from the registry, each in one
//! version, into a folder of their own.

use std::path::PathBuf;
use std::process::Command;

use crate::run::{Outcome, cargo, output, root, run, target};

/// A subcommand of cargo, the package that brings it, and its version.
#[derive(Clone, Copy)]
pub struct Tool {
    package: &'static str,
    subcommand: &'static str,
    version: &'static str,
}

impl Tool {
    pub const MUTANTS: Self = Self::new("cargo-mutants", "mutants", "27.1.0");
    pub const LLVM_COV: Self = Self::new("cargo-llvm-cov", "llvm-cov", "0.9.1");
    pub const DENY: Self = Self::new("cargo-deny", "deny", "0.20.2");
    pub const SEMVER_CHECKS: Self = Self::new("cargo-semver-checks", "semver-checks", "0.49.0");
    /// The last that our oldest Rust builds. Its version goes on with that of the cargo
    /// in it, which need not be told.
    pub const CINSTALL: Self = Self::new("cargo-c", "cinstall", "0.10.21");

    const fn new(package: &'static str, subcommand: &'static str, version: &'static str) -> Self {
        Self {
            package,
            subcommand,
            version,
        }
    }

    /// Builds it, unless that has been done.
    pub fn set_up(self) -> Outcome {
        let version = output(self.command()?.arg("--version"));
        if version.is_some_and(|words| self.is_version(&words)) {
            return Ok(());
        }
        eprintln!("xtask: {} {} is not there yet", self.package, self.version);
        let mut install = cargo(&["install", "--locked"]);
        run(install
            .arg("--root")
            .arg(folder()?)
            .arg(format!("{}@{}", self.package, self.version))
            // Neither the flags nor the folder of what is being checked.
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_TARGET_DIR"))
    }

    /// The command, at the root of the repository.
    pub fn command(self) -> Outcome<Command> {
        let program = format!("cargo-{}", self.subcommand);
        let mut command = Command::new(folder()?.join("bin").join(program));
        command.current_dir(root()).arg(self.subcommand);
        Ok(command)
    }

    /// Whether it has printed this about itself: its name and its version.
    fn is_version(self, words: &str) -> bool {
        words
            .split(|c: char| c.is_whitespace() || c == '+')
            .any(|word| word == self.version)
    }
}

fn folder() -> Outcome<PathBuf> {
    Ok(target()?.join("tools"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_the_one() {
        let tool = Tool::new("cargo-mutants", "mutants", "27.1.0");
        assert!(tool.is_version("cargo-mutants 27.1.0\n"));
        assert!(!tool.is_version("cargo-mutants 27.1.01\n"));
        assert!(!tool.is_version("cargo-mutants 26.0.0\n"));
        assert!(
            Tool::new("cargo-c", "cinstall", "0.1.2").is_version("cargo-c 0.1.2+cargo-0.3.4\n")
        );
    }

    #[test]
    fn a_tool_is_started_as_cargo_would() {
        let command = Tool::DENY.command().unwrap();
        assert!(
            command
                .get_program()
                .to_string_lossy()
                .ends_with("cargo-deny")
        );
        assert!(command.get_args().eq(["deny"]));
    }
}
