//! Packages of `PyPI`, in a folder of their own.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::TESTS;
use crate::need::PYTHON;
use crate::run::{root, run};

/// The Python below `place` that has the packages of the file `name`.txt, each in one
/// version. Nothing is downloaded that is there.
pub fn venv(place: &Path, name: &str) -> Work<PathBuf> {
    let folder = place.join(name);
    let python = folder.join("bin/python3");
    let packages = root().join(TESTS).join(name).with_extension("txt");
    let make = || {
        if !python.exists() {
            run(Command::new(PYTHON).args(["-m", "venv"]).arg(&folder))?;
        }
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--requirement"])
            .arg(&packages))
    };
    make().map_err(Stop::Lacks)?;
    Ok(python)
}
