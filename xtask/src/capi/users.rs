//! What others make of the installed library: GObject introspection, C++, meson and
//! the programs of `examples/c`, and who reads the documentation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::library::{FLAGS, Library, TESTS, search_path};
use super::programs::{MEASURE, files};
use crate::run::{Outcome, root, run, run_seeing};

/// A program in C++.
const CXX: &str = "\
#include <qio-task.h>
int main () { auto threads = qio_task_get_max_threads (); return threads > 0 ? 0 : 1; }
";

/// Has the scanner read the header's annotations, each warning an error.
pub fn scan(library: &Library, prefix: &Path, place: &Path) -> Outcome {
    run(Command::new("g-ir-scanner")
        .args(["--warn-all", "--warn-error", "--quiet"])
        .args(["--namespace=QIO", "--nsversion=0", "--include=Gio-2.0"])
        // It would look for `q_io_task_new`.
        .args(["--identifier-prefix=QIO", "--symbol-prefix=qio"])
        .args(["--pkg=qio-task", "--header-only", "--output"])
        .arg(place.join("QIO-0.gir"))
        .arg(&library.header)
        .env("PKG_CONFIG_PATH", search_path(prefix)))
}

/// Compiles a program in C++ and runs it.
pub fn cxx(library: &Library, place: &Path) -> Outcome {
    let (source, program) = (place.join("plain.cc"), place.join("plain"));
    fs::write(&source, CXX)
        .map_err(|error| format!("can't write {}: {error}", source.display()))?;
    library.compile(
        "c++",
        &["-std=c++11", "-Wall", "-Wextra", "-Werror"],
        &[source],
        &program,
    )?;
    run(&mut Command::new(program))
}

/// Builds the examples with meson, and runs them on what every machine has.
pub fn examples(prefix: &Path, place: &Path) -> Outcome {
    let (sources, built) = (root().join("examples/c"), place.join("examples"));
    run(Command::new("meson")
        .args(["setup", "--werror"])
        .args([&built, &sources])
        .env("PKG_CONFIG_PATH", search_path(prefix)))?;
    run(Command::new("meson").args(["compile", "-C"]).arg(&built))?;
    run(Command::new(built.join("resolve")).arg("127.0.0.1"))?;
    run(Command::new(built.join("digest")).arg(sources.join("meson.build")))
}

/// Compiles the window of `examples/c/gtk` into `place`, against a library with `features`
/// that cargo alone builds there.
pub fn window(features: &str, place: &Path) -> Outcome<PathBuf> {
    let library = Library::build(features, place)?.beside(&["gtk4", "libadwaita-1"])?;
    let sources = files(&root().join("examples/c/gtk"), "c")?;
    let program = place.join("lookup");
    library.compile("cc", &FLAGS, &sources, &program)?;
    Ok(program)
}

/// Runs the scripts of `tests/capi`: what the examples print, and whether the programs
/// in the documentation are some.
pub fn scripts(prefix: &Path) -> Outcome {
    for script in files(&root().join(TESTS), "sh")? {
        run(Command::new(script).env("PKG_CONFIG_PATH", search_path(prefix)))?;
    }
    Ok(())
}

/// Measures what a task costs that is completed at once, and returns what is found.
pub fn measure(library: &Library, place: &Path) -> Outcome<String> {
    let source = root().join(TESTS).join(MEASURE).join("inline.c");
    let program = place.join("inline");
    library.compile("cc", &["-std=gnu11", "-O2"], &[source], &program)?;
    let mut found = String::new();
    run_seeing(&mut Command::new(program), |line| {
        found += line;
        found.push('\n');
    })?;
    Ok(found)
}
