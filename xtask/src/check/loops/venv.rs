//! Packages of `PyPI`, in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use crate::need::PYTHON;
use crate::run::run;

/// The Python in `folder` that has `packages`, a file that names each in one version. Nothing
/// is downloaded that is there.
pub fn venv(folder: &Path, packages: &Path) -> Work<PathBuf> {
    let python = folder.join("bin/python3");
    let make = || {
        if !python.exists() {
            run(Command::new(PYTHON).args(["-m", "venv"]).arg(folder))?;
        }
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(packages))
    };
    make().map_err(Stop::Lacks)?;
    Ok(python)
}
