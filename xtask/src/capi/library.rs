//! The C library, as programs find it: installed by cargo-c, or fresh from cargo.

use std::env::{
    self,
    consts::{DLL_PREFIX, DLL_SUFFIX, EXE_EXTENSION},
};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::need::pkg_config;
use crate::run::{Outcome, cargo, output, root, run, target, with};
use crate::tool::Tool;

/// What the linker is told of it.
const LINK: &str = "-lqio-task";

/// Where the tests in C are.
pub const TESTS: &str = "tests/capi";

/// For what is to be free of warnings.
pub const FLAGS: [&str; 6] = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-g", "-O1"];

/// What pkg-config is asked for programs that use GLib alone.
pub const GLIB: [&str; 3] = ["--cflags", "--libs", "gio-2.0"];

/// A library that programs can be compiled against.
#[derive(Clone)]
pub struct Library {
    pub header: PathBuf,
    /// What the dynamic linker loads.
    pub shared: PathBuf,
    /// What the compiler is told, after the sources.
    flags: Vec<String>,
    /// How the names of programs end that use it.
    pub of_programs: &'static str,
}

impl Library {
    /// Has cargo-c build it with `features`, and install it below `prefix`.
    pub fn install(features: &str, prefix: &Path) -> Outcome<Self> {
        let mut install = Tool::CINSTALL.command()?;
        install
            .args(["--release", "--libdir", "lib", "--prefix"])
            .arg(prefix)
            .args(with(features));
        run(&mut install)?;
        Self::installed(prefix)
    }

    /// What is installed below `prefix`, as pkg-config tells it.
    pub fn installed(prefix: &Path) -> Outcome<Self> {
        let mut ask = pkg_config();
        ask.env("PKG_CONFIG_PATH", search_path(prefix));
        Ok(Self {
            header: prefix.join("include/qio-task.h"),
            shared: prefix.join("lib").join(file()),
            flags: answer(ask.args(["--cflags", "--libs", "qio-task"]))?,
            of_programs: EXE_EXTENSION,
        }
        .found_by_programs())
    }

    /// The static library below `prefix`, and what it needs.
    pub fn installed_static(prefix: &Path) -> Outcome<Self> {
        let mut ask = pkg_config();
        ask.env("PKG_CONFIG_PATH", search_path(prefix));
        let mut library = Self::installed(prefix)?;
        // Where there are both, the linker would take the shared one.
        let archive = prefix.join("lib/libqio-task.a").display().to_string();
        library.flags = answer(ask.args(["--static", "--cflags", "--libs", "qio-task"]))?
            .into_iter()
            .map(|flag| if flag == LINK { archive.clone() } else { flag })
            .collect();
        Ok(library)
    }

    /// Has cargo alone build it with `features`, to be kept in `place`: there it is
    /// called as if it were installed, and is not replaced by the next one.
    pub fn build(features: &str, place: &Path) -> Outcome<Self> {
        let mut rustc = cargo(&["rustc", "--lib", "--crate-type", "cdylib"]);
        run(rustc.args(with(features)).args(["--features", "capi"]))?;
        let fresh = format!("{DLL_PREFIX}qio_task{DLL_SUFFIX}");
        let fresh = target()?.join("debug").join(fresh);
        let kept = place.join(file());
        fs::create_dir_all(place)
            .and_then(|()| fs::copy(&fresh, &kept))
            .map_err(|error| format!("can't keep {}: {error}", fresh.display()))?;
        let header = root().join("src/capi/qio-task.h");
        let mut flags = vec![
            format!("-I{}", folder(&header).display()),
            format!("-L{}", place.display()),
            LINK.to_owned(),
        ];
        flags.extend(answer(pkg_config().args(GLIB))?);
        Ok(Self {
            header,
            shared: kept,
            flags,
            of_programs: EXE_EXTENSION,
        }
        .found_by_programs())
    }

    /// One for Windows, which a compiler finds by these `flags`.
    pub fn for_windows(header: PathBuf, shared: PathBuf, flags: Vec<String>) -> Self {
        Self {
            header,
            shared,
            flags,
            of_programs: "exe",
        }
    }

    /// The same, for programs that use these packages besides.
    pub fn beside(mut self, packages: &[&str]) -> Outcome<Self> {
        self.flags.extend(answer(
            pkg_config().args(["--cflags", "--libs"]).args(packages),
        )?);
        Ok(self)
    }

    /// So that programs find it where no system looks.
    fn found_by_programs(mut self) -> Self {
        let rpath = format!("-Wl,-rpath,{}", folder(&self.shared).display());
        self.flags.push(rpath);
        self
    }

    /// Has `compiler`, told `flags`, make `program` of `sources`.
    pub fn compile(
        &self,
        compiler: &str,
        flags: &[&str],
        sources: &[PathBuf],
        program: &Path,
    ) -> Outcome {
        let folder = folder(program);
        fs::create_dir_all(folder)
            .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
        run(Command::new(compiler)
            .args(flags)
            .arg("-o")
            .arg(program)
            .args(sources)
            .args(&self.flags)
            // For those that change the floating-point mode.
            .arg("-lm"))
    }
}

/// What `PKG_CONFIG_PATH` is, for pkg-config to find what is installed below `prefix`.
pub fn search_path(prefix: &Path) -> OsString {
    let mut path = OsString::from(prefix.join("lib/pkgconfig"));
    if let Some(others) = env::var_os("PKG_CONFIG_PATH") {
        path.push(":");
        path.push(others);
    }
    path
}

/// Where `file` is.
fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

fn file() -> String {
    format!("{DLL_PREFIX}qio-task{DLL_SUFFIX}")
}

/// The words that `ask` prints.
pub fn answer(ask: &mut Command) -> Outcome<Vec<String>> {
    let words = output(ask).ok_or("pkg-config does not find the library")?;
    Ok(words.split_whitespace().map(str::to_owned).collect())
}
