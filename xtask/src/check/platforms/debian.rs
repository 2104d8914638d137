//! Packages of Debian, unpacked into a folder. They are not installed: Debian's Rust would take
//! the place of rustup, or of the release's own.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::ending::{Stop, Work};
use crate::manager::Manager;
use crate::run::{Outcome, output, run};
use crate::setup::update_lists;

/// A package, as the lists of apt have it.
pub struct Package {
    name: String,
    version: String,
    /// The names of what it needs.
    needs: Vec<String>,
}

impl Package {
    /// The newest ones of these `names`, and of the libraries that they need and this system
    /// lacks.
    pub fn closure(names: &[&str]) -> Work<Vec<Self>> {
        let mut wanted: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut found: Vec<Self> = Vec::new();
        while let Some(name) = wanted.pop() {
            if found.iter().all(|package| package.name != name) {
                let package = Self::find(&name)?;
                let libraries = package.needs.iter().filter(|need| is_library(need));
                wanted.extend(libraries.filter(|need| !is_installed(need)).cloned());
                found.push(package);
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The newest of this name.
    fn find(name: &str) -> Work<Self> {
        if Manager::find() != Some(Manager::Apt) {
            return Err(Stop::Lacks(format!(
                "Debian's {name} is downloaded with apt, which is not here"
            )));
        }
        let mut found = Self::ask(name);
        if found.is_none() {
            // Perhaps the lists were never fetched.
            update_lists(Manager::Apt).map_err(Stop::Lacks)?;
            found = Self::ask(name);
        }
        found.ok_or_else(|| Stop::Lacks(format!("the archive that apt knows has no {name}")))
    }

    fn ask(name: &str) -> Option<Self> {
        let mut show = Command::new("apt-cache");
        parse(&output(show.args(["show", "--no-all-versions", name]))?)
    }

    /// One line, by which what was unpacked is known.
    fn line(&self) -> String {
        format!("{} {}\n", self.name, self.version)
    }
}

/// Whether a package of this name is what a program loads, not what it is built with.
fn is_library(name: &str) -> bool {
    name.starts_with("lib") && !name.ends_with("-dev")
}

fn is_installed(name: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    output(query.args(["--show", "--showformat=${db:Status-Status}", name]))
        .is_some_and(|status| status == "installed")
}

fn parse(words: &str) -> Option<Package> {
    let value = |key| words.lines().find_map(|line| line.strip_prefix(key));
    let needs = value("Depends: ").unwrap_or_default();
    Some(Package {
        name: value("Package: ")?.to_owned(),
        version: value("Version: ")?.to_owned(),
        needs: needs
            .split(", ")
            .filter_map(|need| need.split([' ', ':']).next())
            .map(str::to_owned)
            .collect(),
    })
}

/// Makes `folder` hold the files of `packages`, unless it does so already: what comes anew has
/// another age, and cargo would build all anew.
pub fn unpack(packages: &[Package], folder: &Path) -> Work<()> {
    let stamp = folder.join("packages");
    let lines: String = packages.iter().map(Package::line).collect();
    if fs::read_to_string(&stamp).is_ok_and(|there| has_all(&there, &lines)) {
        return Ok(());
    }
    eprintln!(
        "xtask: downloading, and unpacking below {}: {}",
        folder.display(),
        lines.trim_end().replace('\n', ", ")
    );
    clear(folder)?;
    for Package { name, version, .. } in packages {
        run(Command::new("apt-get")
            .current_dir(folder)
            .args(["download", "-q", "-o", "APT::Sandbox::User=root"])
            .arg(format!("{name}={version}")))
        .map_err(Stop::Lacks)?;
    }
    for file in archives(folder)? {
        run(Command::new("dpkg-deb").arg("-x").arg(&file).arg(folder))?;
        fs::remove_file(&file)
            .map_err(|error| format!("can't remove {}: {error}", file.display()))?;
    }
    fs::write(&stamp, lines)
        .map_err(|error| format!("can't write {}: {error}", stamp.display()))?;
    Ok(())
}

fn archives(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let entries = fs::read_dir(folder)
        .map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .collect())
}

/// Whether each of `lines` is among those that are `there`: a library that the system lacked
/// then it may have since.
fn has_all(there: &str, lines: &str) -> bool {
    lines
        .lines()
        .all(|line| there.lines().any(|other| other == line))
}

/// Makes `folder` an empty one.
fn clear(folder: &Path) -> Outcome {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).map_err(|error| format!("can't make {}: {error}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_already_is_not_unpacked_again() {
        assert!(has_all("libllvm22 1\nrustc-web 2\n", "rustc-web 2\n"));
        assert!(!has_all("libllvm22 1\nrustc-web 1\n", "rustc-web 2\n"));
    }

    #[test]
    fn a_package_tells_its_version_and_its_needs() {
        let package = parse(
            "Package: rustc-web\nVersion: 1.96.0+dfsg1-1~deb12u2\n\
             Depends: libc6 (>= 2.34), libstd-rust-web-dev (= 1.96.0+dfsg1-1~deb12u2), gcc, \
             python3:any\nDescription: Rust\n",
        )
        .unwrap();
        assert_eq!(package.line(), "rustc-web 1.96.0+dfsg1-1~deb12u2\n");
        let needs = ["libc6", "libstd-rust-web-dev", "gcc", "python3"];
        assert_eq!(package.needs, needs);
        let libraries: Vec<_> = needs.into_iter().filter(|need| is_library(need)).collect();
        assert_eq!(libraries, ["libc6"]);
        assert!(parse("N: Unable to locate package rustc-web\n").is_none());
    }
}
