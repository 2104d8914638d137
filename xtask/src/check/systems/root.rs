//! A release of Debian in a folder, and commands that run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::ending::{Stop, Work};
use super::super::rust::Toolchain;
use super::super::tree::mirror;
use super::archive::Archive;
use crate::run::{Outcome, output, quoted, run, succeeds, target};

/// How a command is run in a root.
const ENTER: &str = include_str!("enter.sh");

/// The repository in the root, as that script knows it.
const SOURCES: &str = "qio-task";

/// Gives a command its own processes and mounts: those that it leaves behind, by
/// whatever mishap, end and go with it, and it ends with the program that starts it.
const APART: &str =
    "setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc";

/// What a newcomer has before the first command: Rust's linker, and what is needed to
/// download over TLS.
const INCLUDED: &str = "--include=gcc,libc6-dev,ca-certificates";

/// What makes a root that is there as the release is today.
const REFRESH: [&str; 2] = [
    "apt-get update",
    "apt-get dist-upgrade -y --no-install-recommends",
];

/// A root, with this repository and this machine's Rust in it.
pub struct Root {
    /// The script that runs a command there.
    enter: PathBuf,
}

/// Whether this process may have roots at all.
pub fn is_allowed() -> Work<()> {
    if succeeds(apart().arg("true")) {
        return Ok(());
    }
    let why = "what a root of its own needs has to be mounted: run this as root and, in a \
               container, in a privileged one";
    Err(Stop::Lacks(why.to_owned()))
}

impl Root {
    /// Makes one of `release`, or brings up to date the one that is there.
    pub fn set_up(release: &str, archive: &Archive, toolchain: &Toolchain) -> Outcome<Self> {
        let place = target()?.join("check/systems").join(release);
        let (folder, enter) = (place.join("root"), place.join("enter"));
        let is_there = folder.exists();
        if !is_there {
            make(release, archive, &place, &folder)?;
        }
        mirror(&folder.join(SOURCES))?;
        write(&enter, &script(&folder, toolchain))?;
        let root = Self { enter };
        if is_there {
            eprintln!("xtask: {release} is there: what is new in it is downloaded");
            if let Err(why) = root.refresh() {
                eprintln!("xtask: {why}; going on with what is there");
            }
        }
        Ok(root)
    }

    fn refresh(&self) -> Outcome {
        REFRESH.iter().try_for_each(|line| {
            let words: Vec<_> = line.split(' ').collect();
            run(&mut self.command(&words))
        })
    }

    /// A command in it.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("sh");
        command.arg(&self.enter).args(words).stdin(Stdio::null());
        command
    }

    /// The version of `library` there, once a command has installed it.
    pub fn version(&self, library: &str) -> Option<String> {
        let version = output(&mut self.command(&["pkg-config", "--modversion", library]))?;
        Some(version.trim().to_owned())
    }
}

/// Downloads `release` into `folder`: all of it, or nothing is there.
fn make(release: &str, archive: &Archive, place: &Path, folder: &Path) -> Outcome {
    eprintln!(
        "xtask: {release} is downloaded from {}: a system with nothing but a C compiler, some \
         110 MB of packages; what the commands there install comes on top",
        archive.uri
    );
    let making = place.join("making");
    run(Command::new("rm")
        .args(["-rf", "--one-file-system"])
        .arg(&making))?;
    let options = place.join("apt.conf");
    write(&options, &archive.options)?;
    run(apart()
        .args(["mmdebstrap", "--variant=apt", INCLUDED])
        .arg(format!("--aptopt={}", options.display()))
        .arg(release)
        .arg(&making)
        .arg(&archive.uri))?;
    fs::rename(&making, folder)
        .map_err(|error| format!("can't rename {}: {error}", making.display()))
}

/// The script for the root in `folder`.
fn script(folder: &Path, toolchain: &Toolchain) -> String {
    let names = ["root", "sysroot", "cargo_home"];
    let paths = [folder, &toolchain.sysroot, &toolchain.home];
    let lines = names
        .iter()
        .zip(paths)
        .map(|(name, path)| format!("{name}={}\n", quoted(path.as_os_str())));
    let lines: String = lines.collect();
    format!("#!/bin/sh\napart='{APART}'\n{lines}{ENTER}")
}

fn write(file: &Path, text: &str) -> Outcome {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .map_err(|error| format!("can't write {}: {error}", file.display()))
}

fn apart() -> Command {
    let mut words = APART.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_knows_the_repository_and_the_folders() {
        assert!(ENTER.contains(&format!("cd /{SOURCES} ")));
        let toolchain = Toolchain {
            sysroot: "/opt/my rust".into(),
            home: "/root/.cargo".into(),
        };
        let script = script(Path::new("/built/sid/root"), &toolchain);
        assert!(script.starts_with(&format!("#!/bin/sh\napart='{APART}'\n")));
        let head = "\nroot=/built/sid/root\nsysroot='/opt/my rust'\n\
                    cargo_home=/root/.cargo\n\n# Runs";
        assert!(script.contains(head), "{script}");
    }
}
