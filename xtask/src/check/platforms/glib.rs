//! GLib for Windows, as a package of `PyPI` has it: its libraries, what the linker
//! takes for them, and files that pkg-config reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::super::venv::for_windows;
use super::glib_config;
use super::windows_target::{TARGET, UNDERSCORED, mingw};
use crate::capi::{GLIB, answer};
use crate::need::{Need, pkg_config};
use crate::run::{Outcome, root, run};
use crate::setup::set_up;

/// The package, in one version and by its hash.
const PACKAGE: &str = "xtask/src/check/platforms/glib.txt";

/// What that says of GLib's version; a program asks the library itself.
pub const VERSION: &str = "2.82.4";

/// Where the libraries lie in it.
const LIBRARIES: &str = "gstreamer_libs/bin";

/// Each library, as pkg-config calls it, its file, and what it needs of the others.
const EACH: [(&str, &str, &str); 3] = [
    ("glib-2.0", "glib-2.0-0.dll", ""),
    ("gobject-2.0", "gobject-2.0-0.dll", "glib-2.0"),
    ("gio-2.0", "gio-2.0-0.dll", "gobject-2.0"),
];

/// Where it is.
pub struct Glib {
    /// What a program loads.
    pub libraries: PathBuf,
    /// What pkg-config reads.
    files: PathBuf,
}

impl Glib {
    /// Downloads it, unless that has been done, and makes the rest.
    pub fn set_up(place: &Path) -> Work<Self> {
        set_up(Need::FOR_GLIB_OF_WINDOWS).map_err(Stop::Lacks)?;
        let package = root().join(PACKAGE);
        let wheel = place.join("wheel");
        if !is_copy(&package, &wheel.join("package.txt")) {
            for_windows(&place.join("venv"), &package, &wheel)?;
            // What was made of another one.
            let _ = fs::remove_dir_all(place.join("lib"));
            fs::copy(&package, wheel.join("package.txt"))
                .map_err(|error| format!("can't write to {}: {error}", wheel.display()))?;
        }
        let glib = Self {
            libraries: wheel.join(LIBRARIES),
            files: place.join("lib/pkgconfig"),
        };
        glib.make_files(place)?;
        Ok(glib)
    }

    /// Has the build scripts that `command` runs find this one for Windows.
    pub fn lend(&self, command: &mut Command) {
        command
            .env(format!("PKG_CONFIG_ALLOW_CROSS_{UNDERSCORED}"), "1")
            .env(format!("PKG_CONFIG_LIBDIR_{UNDERSCORED}"), &self.files);
    }

    /// The folder of what pkg-config reads.
    pub fn files(&self) -> &Path {
        &self.files
    }

    /// What a compiler of C is told of it.
    pub fn flags(&self) -> Outcome<Vec<String>> {
        answer(
            pkg_config()
                .args(GLIB)
                .env("PKG_CONFIG_LIBDIR", &self.files),
        )
    }

    /// Makes what is not there yet: another run may be reading it.
    fn make_files(&self, place: &Path) -> Outcome {
        let lib = place.join("lib");
        fs::create_dir_all(&self.files)
            .map_err(|error| format!("can't make {}: {error}", self.files.display()))?;
        let include: Vec<_> = glib_config::set_up(place)?
            .iter()
            .map(|folder| format!("-I{}", folder.display()))
            .collect();
        for (name, dll, requires) in EACH {
            let file = self.files.join(format!("{name}.pc"));
            let text = format!(
                "Name: {name}\nDescription: of the package of PyPI, for {TARGET}\n\
                 Version: {VERSION}\nRequires: {requires}\nLibs: -L{} -l{name}\nCflags: {}\n",
                lib.display(),
                include.join(" ")
            );
            if !fs::read_to_string(&file).is_ok_and(|there| there == text) {
                self.make_import_library(name, dll, &lib)?;
                fs::write(&file, text)
                    .map_err(|error| format!("can't write {}: {error}", file.display()))?;
            }
        }
        Ok(())
    }

    fn make_import_library(&self, name: &str, dll: &str, lib: &Path) -> Outcome {
        let exports = lib.join(dll).with_extension("def");
        run(Command::new("gendef")
            .arg(self.libraries.join(dll))
            .current_dir(lib))?;
        run(Command::new(mingw("dlltool"))
            .arg("--input-def")
            .arg(&exports)
            .args(["--dllname", dll, "--output-lib"])
            .arg(lib.join(format!("lib{name}.dll.a"))))
    }
}

fn is_copy(file: &Path, copy: &Path) -> bool {
    matches!((fs::read(file), fs::read(copy)), (Ok(file), Ok(copy)) if file == copy)
}
