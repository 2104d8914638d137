//! Packages of `PyPI`, in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ending::{Stop, Work};
use crate::need::PYTHON;
use crate::run::{Outcome, run};

/// The Python in `folder` that has `packages`, a file that names each in one version. Nothing
/// is downloaded that is there.
pub fn venv(folder: &Path, packages: &Path) -> Work<PathBuf> {
    let make = || {
        let python = make(folder)?;
        run(pip(&python).arg("--requirement").arg(packages))?;
        Ok(python)
    };
    make().map_err(Stop::Lacks)
}

/// Downloads `packages`, a file that names each by its hash, as they are for 64 bits of
/// Windows, and unpacks them into `folder`; with the Python in `venv`.
pub fn for_windows(venv: &Path, packages: &Path, folder: &Path) -> Work<()> {
    let install = || {
        run(pip(&make(venv)?)
            .args(["--require-hashes", "--no-deps", "--upgrade"])
            .args(["--only-binary=:all:", "--platform=win_amd64"])
            .arg("--requirement")
            .arg(packages)
            .arg("--target")
            .arg(folder))
    };
    install().map_err(Stop::Lacks)
}

fn make(folder: &Path) -> Outcome<PathBuf> {
    let python = folder.join("bin/python3");
    if !python.exists() {
        run(Command::new(PYTHON).args(["-m", "venv"]).arg(folder))?;
    }
    Ok(python)
}

fn pip(python: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip
}
