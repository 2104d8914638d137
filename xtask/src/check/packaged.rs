//! What a user gets from the registry, unpacked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ending::Work;
use crate::run::{cargo, run};

/// The package, as it would be published, in a fresh folder below `place`.
pub fn unpack(place: &Path) -> Work<PathBuf> {
    let arguments = [
        "package",
        "--package",
        "qio-task",
        "--no-verify",
        "--allow-dirty",
    ];
    run(cargo(&arguments).arg("--target-dir").arg(place))?;
    let failed = |what: &str, error| format!("can't {what} {}: {error}", place.display());
    let packages = place.join("package");
    let package = newest(&packages).map_err(|error| failed("find the package in", error))?;
    let unpacked = package.with_extension("");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked).map_err(|error| failed("clear", error))?;
    }
    let mut tar = Command::new("tar");
    run(tar.arg("-xzf").arg(&package).arg("-C").arg(&packages))?;
    // It lies inside the workspace, and is none of it.
    let manifest = unpacked.join("Cargo.toml");
    fs::read_to_string(&manifest)
        .and_then(|text| fs::write(&manifest, text + "\n[workspace]\n"))
        .map_err(|error| failed("change the package in", error))?;
    Ok(unpacked)
}

/// The newest package of the folder: older versions may lie beside it.
fn newest(folder: &Path) -> std::io::Result<PathBuf> {
    let mut packages = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "crate")
        {
            packages.push((fs::metadata(&path)?.modified()?, path));
        }
    }
    let newest = packages.into_iter().max();
    newest
        .map(|(_, path)| path)
        .ok_or_else(|| std::io::ErrorKind::NotFound.into())
}
