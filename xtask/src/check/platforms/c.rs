//! The C library on Windows: built and installed by cargo-c, its symbols, and the tests in C.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::report::Report;
use super::windows::Windows;
use super::windows_target::{TARGET, mingw};
use crate::capi::{BACKENDS, Library, Programs, answer, compare_with};
use crate::counts::Counts;
use crate::need::{Need, pkg_config};
use crate::run::{Outcome, output, root, run, with};
use crate::setup::set_up;
use crate::tool::Tool;

/// The tests in C that are of what Windows has not: signals, `fork`, limits of a process, and
/// threads that are cancelled.
const OF_UNIX: [&str; 9] = [
    "debug",
    "debug-exit",
    "debug-late",
    "debug-signal",
    "descriptors",
    "ended-thread",
    "fork",
    "guest",
    "stack",
];

/// What the others take from Unix.
const UNIX: &str = "tests/capi/windows/unix.h";

/// Builds it on both backends, and runs the tests.
pub fn c(place: &Path, report: &mut Report) -> Work<()> {
    let windows = Windows::set_up(place)?;
    set_up(Need::FOR_CARGO_C).map_err(Stop::Lacks)?;
    Tool::CINSTALL.set_up()?;
    for (backend, features) in BACKENDS {
        let place = windows.place.join("c").join(backend);
        let installed = install(&windows, features, &place.join("prefix"));
        let library = installed.as_ref().map_err(Clone::clone);
        let mut take = |what: &str, ended: Outcome, well: &str| {
            let what = format!("{what} [{features}]");
            report.take(TARGET, &windows.words(), &what, ended, well);
        };
        take(
            "qio-task.dll, its import library, its .pc file",
            library.map(drop),
            "installed by cargo-c",
        );
        let Ok(library) = installed else { continue };
        take("symbols", compare(&library), "as in the header");
        let wanted = |name: &str| !OF_UNIX.contains(&name);
        let tests = place.join("tests");
        let compiled = beside(&library.shared, &tests)
            .and_then(|()| Programs::compile_those(wanted, &mingw("gcc"), &library, &tests));
        let counts = match compiled {
            Ok(programs) => programs.run_each(|program| windows.wine.command(program)),
            Err(why) => (Counts::default(), Err(why)),
        };
        let what = format!("tests in C [{features}]");
        report.count(TARGET, &windows.words(), &what, counts);
    }
    Ok(())
}

/// Has cargo-c install it below `prefix`.
fn install(windows: &Windows, features: &str, prefix: &Path) -> Outcome<Library> {
    let _ = fs::remove_dir_all(prefix);
    let mut install = Tool::CINSTALL.command()?;
    windows.lend(&mut install);
    install
        .args([
            "--release",
            "--libdir",
            "lib",
            "--bindir",
            "bin",
            "--prefix",
        ])
        .arg(prefix)
        .args(with(features));
    run(&mut install)?;
    let found = |file: &str| {
        let path = prefix.join(file);
        if path.is_file() {
            Ok(path)
        } else {
            Err(format!("cargo-c has not installed {}", path.display()))
        }
    };
    // The linker looks for that name after `lib` and it.
    found("lib/qio-task.dll.a")?;
    let files = found("lib/pkgconfig/qio-task.pc")?;
    let folder = files.parent().unwrap_or(prefix);
    let mut ask = pkg_config();
    ask.args(["--cflags", "--libs", "qio-task"])
        .env("PKG_CONFIG_PATH", folder)
        .env("PKG_CONFIG_LIBDIR", windows.glib.files());
    let mut flags = answer(&mut ask)?;
    flags.push("-include".to_owned());
    flags.push(root().join(UNIX).display().to_string());
    Ok(Library::for_windows(
        found("include/qio-task.h")?,
        found("bin/qio-task.dll")?,
        flags,
    ))
}

/// Compares the symbols that `library` exports with its header.
fn compare(library: &Library) -> Outcome {
    let mut list = Command::new("gendef");
    let listing = output(list.arg("-").arg(&library.shared))
        .ok_or_else(|| format!("`gendef` can't read {}", library.shared.display()))?;
    compare_with(&library.header, &exported(&listing))
}

/// The names in what `gendef` prints.
fn exported(listing: &str) -> BTreeSet<&str> {
    let names = listing.lines().skip_while(|line| line.trim() != "EXPORTS");
    names
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// Puts `library` where a program in `folder` looks for it.
fn beside(library: &Path, folder: &Path) -> Outcome {
    let copy: PathBuf = folder.join(library.file_name().unwrap_or_default());
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(library, &copy))
        .map(drop)
        .map_err(|error| format!("can't make {}: {error}", copy.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_library_exports_comes_after_a_head() {
        let listing = ";\n; Definition file of qio-task.dll\nLIBRARY \"qio-task.dll\"\nEXPORTS\n\
                       qio_group_new\nqio_task_new DATA\n";
        let names = ["qio_group_new", "qio_task_new"];
        assert_eq!(exported(listing), BTreeSet::from(names));
    }
}
