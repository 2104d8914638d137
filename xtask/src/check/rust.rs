//! What the Rust toolchain says of itself.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ending::{Stop, Work};
use crate::run::{Outcome, output};

/// The toolchain that cargo uses.
pub struct Rust {
    /// The triple of this machine.
    pub host: String,
    /// The major version of the LLVM that it was built with.
    pub llvm: u32,
    /// Where the libraries of this machine's target are; its programs are beside it.
    pub libraries: PathBuf,
}

impl Rust {
    pub fn find() -> Outcome<Self> {
        let version = output(rustc().arg("-vV"));
        let libraries = output(rustc().args(["--print", "target-libdir"]));
        version
            .zip(libraries)
            .and_then(|(version, libraries)| {
                let (host, llvm) = parse(&version)?;
                let libraries = libraries.trim_end().into();
                Some(Self {
                    host,
                    llvm,
                    libraries,
                })
            })
            .ok_or_else(|| "`rustc -vV` does not tell its host and its LLVM".to_owned())
    }

    /// The host, as the names of cargo's variables have it.
    pub fn variable(&self) -> String {
        self.host.to_uppercase().replace('-', "_")
    }
}

/// What another system needs to build as this one does.
pub struct Toolchain {
    /// The folder with the toolchain's programs and libraries.
    pub sysroot: PathBuf,
    /// Where cargo keeps what it has downloaded.
    pub home: PathBuf,
}

impl Toolchain {
    pub fn find() -> Work<Self> {
        let sysroot = output(rustc().args(["--print", "sysroot"]))
            .map(|path| PathBuf::from(path.trim_end()))
            .ok_or_else(|| "`rustc --print sysroot` tells nothing".to_owned())?;
        if sysroot == Path::new("/usr") {
            let why = "this Rust is a part of its system, and can't be lent to another: it must                        be one from rustup";
            return Err(Stop::Lacks(why.to_owned()));
        }
        let home = env::var_os("CARGO_HOME").map_or_else(
            || env::home_dir().map(|home| home.join(".cargo")),
            |home| Some(home.into()),
        );
        Ok(Self {
            sysroot,
            home: home.ok_or_else(|| "neither CARGO_HOME nor HOME is set".to_owned())?,
        })
    }
}

fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

fn parse(version: &str) -> Option<(String, u32)> {
    let value = |key| version.lines().find_map(|line| line.strip_prefix(key));
    let (llvm, _minor) = value("LLVM version: ")?.split_once('.')?;
    Some((value("host: ")?.to_owned(), llvm.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_host_and_llvm() {
        let version = "rustc 1.95.0 (59807616e 2026-04-14)\nbinary: rustc\n\
                       host: x86_64-unknown-linux-gnu\nrelease: 1.95.0\nLLVM version: 22.1.2\n";
        let host = "x86_64-unknown-linux-gnu".to_owned();
        assert_eq!(parse(version), Some((host, 22)));
        assert_eq!(parse("rustc 1.95.0"), None);
    }
}
