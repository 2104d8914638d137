//! The programs that read what a run has reached: of the LLVM that Rust was built with,
//! or a later one.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::ending::{Stop, Work};
use super::rust::Rust;
use crate::manager::Manager;
use crate::run::{is_on_path, output, run_within};
use crate::setup::install;

/// Both programs, wherever they are.
pub struct Llvm {
    pub cov: PathBuf,
    pub profdata: PathBuf,
}

/// Where there is a network at all, this is enough; without one rustup tries for ever.
const PATIENCE: Duration = Duration::from_mins(2);

impl Llvm {
    /// Finds them: as the user says, with the toolchain, or with the system; and else
    /// installs them, from the system's packages or as a component of the toolchain.
    pub fn set_up() -> Work<Self> {
        let rust = Rust::find()?;
        if let Some(llvm) = Self::find(&rust) {
            return Ok(llvm);
        }
        eprintln!("xtask: this system lacks llvm-cov {} or later", rust.llvm);
        let package = format!("llvm-{}", rust.llvm);
        let installed = match Manager::find() {
            Some(manager @ Manager::Apt) => install(manager, &[&package]),
            _ => Err("there is no package of this very version".to_owned()),
        };
        if let Err(why) = installed {
            eprintln!("xtask: {why}");
            if is_on_path("rustup") {
                let mut add = Command::new("rustup");
                let added = run_within(PATIENCE, add.args(["component", "add", "llvm-tools"]));
                added.unwrap_or_else(|why| eprintln!("xtask: {why}"));
            }
        }
        Self::find(&rust).ok_or_else(|| {
            Stop::Lacks(format!(
                "llvm-cov {0} or later is not here: `rustup component add llvm-tools` or a package \
                 such as llvm-{0} brings it; or set LLVM_COV and LLVM_PROFDATA",
                rust.llvm
            ))
        })
    }

    fn find(rust: &Rust) -> Option<Self> {
        let chosen = || {
            Some(Self {
                cov: env::var_os("LLVM_COV")?.into(),
                profdata: env::var_os("LLVM_PROFDATA")?.into(),
            })
        };
        let with_rust = rust.libraries.parent().map(|target| target.join("bin"));
        let with_system = PathBuf::from(format!("/usr/lib/llvm-{}/bin", rust.llvm));
        // Of another version, perhaps.
        let on_path = PathBuf::new();
        chosen().or_else(|| {
            with_rust
                .into_iter()
                .chain([with_system, on_path])
                .map(|folder| Self::of(&folder))
                .find(|llvm| llvm.is_at_least(rust.llvm))
        })
    }

    fn of(folder: &Path) -> Self {
        Self {
            cov: folder.join("llvm-cov"),
            profdata: folder.join("llvm-profdata"),
        }
    }

    /// Whether both run, and are of version `major` or later.
    fn is_at_least(&self, major: u32) -> bool {
        [&self.cov, &self.profdata].into_iter().all(|program| {
            let words = output(Command::new(program).arg("--version"));
            words
                .and_then(|words| parse(&words))
                .is_some_and(|found| found >= major)
        })
    }
}

/// The major version in what the programs print of themselves.
fn parse(words: &str) -> Option<u32> {
    let (_, version) = words.split_once("LLVM version ")?;
    version.split(['.', '-']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_of_each_build() {
        assert_eq!(parse("Debian LLVM version 14.0.6\n  Optimized"), Some(14));
        assert_eq!(
            parse("LLVM (…):\n  LLVM version 22.1.2-rust-1.95.0-stable\n"),
            Some(22)
        );
        assert_eq!(parse("llvm-cov: not found"), None);
    }
}
