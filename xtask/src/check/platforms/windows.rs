//! Windows on this machine: what programs for it are built with, and what runs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::glib::Glib;
use super::toolchain::Toolchain;
use super::windows_target::{TARGET, UNDERSCORED, mingw};
use super::wine::Wine;
use crate::need::Need;
use crate::run::{Outcome, cargo, output, root, run};
use crate::setup::set_up;

/// Which GLib it is that the programs load, in their own words.
const VERSION: &str = "xtask/src/check/platforms/version.c";

/// All that there is for it.
pub struct Windows {
    toolchain: Toolchain,
    pub glib: Glib,
    pub wine: Wine,
    /// The version of the GLib that programs load.
    version: String,
    /// Where all is kept.
    pub place: PathBuf,
}

impl Windows {
    /// Installs what the system lacks, and makes the rest below `place`.
    pub fn set_up(place: &Path) -> Work<Self> {
        set_up(Need::FOR_WINDOWS).map_err(Stop::Lacks)?;
        let toolchain = Toolchain::set_up(TARGET, place)?;
        let place = place.join("windows");
        let glib = Glib::set_up(&place)?;
        let wine = Wine::set_up(&place, &glib.libraries)?;
        let mut windows = Self {
            toolchain,
            glib,
            wine,
            version: String::new(),
            place,
        };
        windows.version = windows.ask_glib()?;
        Ok(windows)
    }

    /// What it is, in a few words.
    pub fn words(&self) -> String {
        format!(
            "Wine {}, GLib {}, {}",
            self.wine.version,
            self.version,
            self.toolchain.words()
        )
    }

    /// A command of cargo that builds for it, and runs what it has built.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = cargo(arguments);
        self.lend(&mut cargo);
        cargo
    }

    /// Has `cargo`, which may be another one, do the same.
    pub fn lend(&self, cargo: &mut Command) {
        self.toolchain.lend(cargo, TARGET);
        let upper = UNDERSCORED.to_uppercase();
        cargo
            .env("CARGO_TARGET_DIR", self.built())
            .env(format!("CARGO_TARGET_{upper}_LINKER"), mingw("gcc"))
            .env(format!("CARGO_TARGET_{upper}_RUNNER"), &self.wine.runner);
        self.glib.lend(cargo);
    }

    /// Where cargo builds for it.
    pub fn built(&self) -> PathBuf {
        self.place.join("built")
    }

    /// Compiles `source`, a program in C that uses GLib, and returns it.
    pub fn compile(&self, source: &Path) -> Outcome<PathBuf> {
        let folder = self.place.join("programs");
        fs::create_dir_all(&folder)
            .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
        let program = folder
            .join(source.file_name().unwrap_or_default())
            .with_extension("exe");
        run(Command::new(mingw("gcc"))
            .args(["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-o"])
            .arg(&program)
            .arg(source)
            .args(self.glib.flags()?))?;
        Ok(program)
    }

    fn ask_glib(&self) -> Outcome<String> {
        let program = self.compile(&root().join(VERSION))?;
        let version = output(&mut self.wine.command(&program))
            .ok_or_else(|| "no program that uses GLib runs under Wine".to_owned())?;
        Ok(version.trim().to_owned())
    }
}
