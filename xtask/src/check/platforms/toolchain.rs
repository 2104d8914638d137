//! What compiles for another system: the cargo that has started this program, with the
//! standard library that the toolchain has for the target; or else with Debian's rustc, which
//! builds that library from its source.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::debian::{Package, unpack};
use crate::run::{Outcome, cargo, output, quoted};

/// What brings the compiler, with the libraries of this machine that build scripts need, and
/// the source of the standard library.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];

/// A compiler, and where the standard library of a target comes from.
pub enum Toolchain {
    /// The toolchain has it.
    Own { version: String },
    /// It is built.
    Debian { version: String, rustc: PathBuf },
}

impl Toolchain {
    /// The one for `target`; what is downloaded for it is kept below `place`.
    pub fn set_up(target: &str, place: &Path) -> Work<Self> {
        if has(target) {
            let version = output(rustc().arg("--version")).unwrap_or_default();
            return Ok(Self::Own {
                version: number(&version),
            });
        }
        debian(&place.join("rust")).map_err(|why| match why {
            Stop::Lacks(why) => Stop::Lacks(format!(
                "this Rust has no standard library for {target}, which `rustup target add` \
                 brings; and {why}"
            )),
            other => other,
        })
    }

    /// A command of cargo that compiles for `target`.
    pub fn cargo(&self, target: &str, arguments: &[&str]) -> Command {
        let mut cargo = cargo(arguments);
        self.lend(&mut cargo, target);
        cargo
    }

    /// Has `cargo`, which may be another one, compile for `target`.
    pub fn lend(&self, cargo: &mut Command, target: &str) {
        cargo.args(["--target", target]);
        if let Self::Debian { rustc, .. } = self {
            cargo
                .arg("-Zbuild-std")
                .env("RUSTC", rustc)
                // Neither cargo nor this compiler need be a nightly one for that.
                .env("RUSTC_BOOTSTRAP", "1");
        }
    }

    /// Which one it is, in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Own { version } => format!("Rust {version}"),
            Self::Debian { version, .. } => format!("Rust {version}, std from source"),
        }
    }
}

/// Whether the toolchain has the standard library of `target`.
fn has(target: &str) -> bool {
    let folder = output(rustc().args(["--print", "target-libdir", "--target", target]));
    let is_std = |name: &str| name.starts_with("libstd-");
    folder
        .and_then(|folder| fs::read_dir(folder.trim_end()).ok())
        .is_some_and(|files| {
            files
                .flatten()
                .any(|file| is_std(&file.file_name().to_string_lossy()))
        })
}

fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

/// Debian's compiler, in `folder`.
fn debian(folder: &Path) -> Work<Toolchain> {
    let packages = Package::closure(&PACKAGES)?;
    unpack(&packages, folder)?;
    let rustc = wrapper(folder)?;
    let version = output(Command::new(&rustc).arg("--version"))
        .ok_or_else(|| Stop::Lacks(format!("{} does not start", rustc.display())))?;
    Ok(Toolchain::Debian {
        version: number(&version),
        rustc,
    })
}

/// A script that starts the compiler in `folder`, which is made for another place.
fn wrapper(folder: &Path) -> Outcome<PathBuf> {
    let script = folder.join("rustc");
    let sysroot = folder.join("usr");
    let libraries = sysroot.join(format!("lib/{}-linux-gnu", env::consts::ARCH));
    let text = format!(
        "#!/bin/sh\nLD_LIBRARY_PATH={} exec {} --sysroot {} \"$@\"\n",
        quoted(libraries.as_os_str()),
        quoted(sysroot.join("bin/rustc").as_os_str()),
        quoted(sysroot.as_os_str())
    );
    program(&script, &text)?;
    Ok(script)
}

/// Makes `file` a program that is `text`, and leaves it alone if it is so already: cargo
/// builds all anew for a compiler that has changed.
pub fn program(file: &Path, text: &str) -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    if fs::read_to_string(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .and_then(|()| fs::set_permissions(file, fs::Permissions::from_mode(0o755)))
        .map_err(|error| format!("can't write {}: {error}", file.display()))
}

/// The version in what `rustc --version` prints.
fn number(words: &str) -> String {
    words.split(' ').nth(1).unwrap_or("unknown").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_toolchain_has_the_library_of_its_own_target_alone() {
        let host = format!("{}-unknown-linux-gnu", env::consts::ARCH);
        assert!(has(&host) || !cfg!(target_os = "linux"));
        assert!(!has("no-such-target"));
    }

    #[test]
    fn the_version_is_a_number() {
        assert_eq!(number("rustc 1.96.0 (ac68faa20 2026-05-25)\n"), "1.96.0");
    }
}
