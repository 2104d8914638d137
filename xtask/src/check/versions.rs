//! The oldest of what the package allows: dependencies, and Rust.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::backends::{BACKENDS, run_tests};
use super::ending::{Stop, Work};
use super::packaged::unpack;
use crate::run::{Outcome, cargo, is_on_path, output, root, run, target, with};

/// Builds the package with the oldest version of each dependency that its manifest
/// allows, and runs its tests.
pub fn minimal() -> Work<String> {
    let place = target()?.join("check/minimal");
    let package = unpack(&place)?;
    // The versions that were newest when this was last looked at.
    let lock = package.join("Cargo.lock");
    if lock.exists() {
        fs::remove_file(&lock)
            .map_err(|error| format!("can't remove {}: {error}", lock.display()))?;
    }
    let here = |arguments: &[&str]| {
        let mut cargo = cargo(arguments);
        // To choose these versions is not stable.
        cargo.current_dir(&package).env("RUSTC_BOOTSTRAP", "1");
        cargo
    };
    run(&mut here(&["update", "-Zdirect-minimal-versions"]))?;
    run_tests(&BACKENDS, |features| {
        let mut test = here(&["test", "--no-fail-fast"]);
        test.args(with(features))
            .env("CARGO_TARGET_DIR", place.join("built"));
        Ok(test)
    })
}

/// Checks the library with the oldest Rust that its manifest allows, where rustup has it.
pub fn oldest_rust() -> Work<String> {
    let version =
        rust_version(&manifest()?).ok_or_else(|| "Cargo.toml names no rust-version".to_owned())?;
    let toolchain = installed(&version).ok_or_else(|| {
        Stop::Nothing(format!(
            "Rust {version} is not here; `rustup toolchain install {version} --profile minimal` \
             brings it"
        ))
    })?;
    let place = target()?.join("check/oldest-rust");
    let package = unpack(&place)?;
    for features in BACKENDS.into_iter().chain(["capi"]) {
        let mut check = Command::new("rustup");
        run(check
            .args(["run", &toolchain, "cargo", "check"])
            .args(with(features))
            .current_dir(&package)
            .env("CARGO_TARGET_DIR", place.join("built")))?;
    }
    Ok(format!("Rust {version}"))
}

/// The toolchain of this version, as rustup calls it.
fn installed(version: &str) -> Option<String> {
    if !is_on_path("rustup") {
        return None;
    }
    let toolchains = output(Command::new("rustup").args(["toolchain", "list"]))?;
    find(&toolchains, version)
}

fn find(toolchains: &str, version: &str) -> Option<String> {
    let names = toolchains.lines().filter_map(|line| line.split(' ').next());
    let is_it = |name: &&str| {
        name.strip_prefix(version)
            .is_some_and(|rest| rest.starts_with(['.', '-']))
    };
    names.into_iter().find(is_it).map(str::to_owned)
}

fn manifest() -> Outcome<String> {
    let manifest = Path::new(root()).join("Cargo.toml");
    fs::read_to_string(&manifest)
        .map_err(|error| format!("can't read {}: {error}", manifest.display()))
}

fn rust_version(manifest: &str) -> Option<String> {
    let version = |line: &str| {
        Some(
            line.strip_prefix("rust-version = \"")?
                .strip_suffix('"')?
                .to_owned(),
        )
    };
    manifest.lines().find_map(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_the_oldest_rust() {
        assert!(rust_version(&manifest().unwrap()).is_some());
        assert_eq!(rust_version("[package]\nname = \"x\"\n"), None);
    }

    #[test]
    fn only_a_toolchain_of_that_very_version_will_do() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n\
                    1.920.0-x86_64-unknown-linux-gnu\n1.92.1-x86_64-unknown-linux-gnu\n";
        let found = find(list, "1.92");
        assert_eq!(found.as_deref(), Some("1.92.1-x86_64-unknown-linux-gnu"));
        assert_eq!(find(list, "1.91"), None);
    }
}
