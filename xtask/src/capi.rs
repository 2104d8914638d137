//! `cargo xtask capi`: installs the C library as its users do, and looks at it as they
//! will. `cargo xtask test` runs the tests in C, too, on what cargo builds by itself.

mod library;
mod plug_in;
mod programs;
mod request;
mod symbols;
mod users;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use library::{FLAGS, GLIB, Library, answer};
pub use programs::Programs;
use request::Request;
pub use symbols::compare_with;
pub use users::window;

use crate::need::Need;
use crate::run::{Outcome, ended, misused, target};
use crate::setup::set_up;
use crate::stage::stage;
use crate::tally::Tally;
use crate::tool::Tool;

/// The backends: what each is called, and what chooses it.
pub const BACKENDS: [(&str, &str); 2] = [("native", ""), ("gtask", "gtask")];

/// The folder that each is installed below, in its place.
const PREFIX: &str = "prefix";

const USAGE: &str = "\
Usage: cargo xtask capi [--prefix DIR] [--features gtask]

Builds the C library with cargo-c on both backends, installs each below target/capi,
and looks at it there: runs the tests in C on the shared and the static library, and
under valgrind; compares the symbols with the header; has that scanned for
introspection and compiled as C++; builds the examples with meson, and the programs
in the documentation; and measures a task. Two minutes; the first time some more, to
build cargo-c.

  --prefix DIR      when all that has passed, install the library below DIR
  --features gtask  with the backend `gtask`";

/// Does all that, as `arguments` ask.
pub fn capi(arguments: &[String]) -> ExitCode {
    let request = match Request::parse(arguments) {
        Ok(request) => request,
        Err(why) => return misused(&why, USAGE),
    };
    if request.help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    ended(look_and_install(&request))
}

/// Closes with what was counted and measured and, where all is well, how to use it.
fn look_and_install(request: &Request) -> Outcome {
    let (mut tally, mut costs) = (Tally::default(), Vec::new());
    let looked = stages(&mut tally, &mut costs);
    let prefix = request.prefix.as_deref().filter(|_| looked.is_ok());
    let installed = prefix.map_or(Ok(()), |prefix| {
        stage("the C library, for you", || {
            Library::install(&request.features, prefix).map(drop)
        })
    });
    tally.print();
    for cost in costs {
        print!("\n{cost}");
    }
    looked.and(installed)?;
    if let Some(prefix) = prefix {
        println!("\n{}", usage(prefix));
    }
    Ok(())
}

/// Runs the tests on what cargo builds by itself, which is soon done.
pub fn test(tally: &mut Tally) -> Outcome {
    for (backend, features) in BACKENDS {
        stage(&format!("C tests, {backend}"), || {
            let place = place(&format!("{backend}-dev"))?;
            let library = Library::build(features, &place)?;
            test_with(&library, &place, backend, tally).map(drop)
        })?;
    }
    Ok(())
}

/// Looks at the installed library from all sides; `costs` is what a task costs with it.
fn stages(tally: &mut Tally, costs: &mut Vec<String>) -> Outcome {
    set_up(Need::FOR_CAPI)?;
    Tool::CINSTALL.set_up()?;
    for (backend, features) in BACKENDS {
        let place = place(backend)?;
        let prefix = place.join(PREFIX);
        let library = stage(&format!("the C library, {backend}"), || {
            clear(&place)?;
            Library::install(features, &prefix)
        })?;
        let programs = stage(&format!("C tests, {backend}"), || {
            test_with(&library, &place, backend, tally)
        })?;
        stage(&format!("C tests, {backend}, static library"), || {
            let library = Library::installed_static(&prefix)?;
            let programs = Programs::compile(&library, &place.join("static"))?;
            tally.take(format!("C, {backend}, static library"), programs.run())
        })?;
        stage(&format!("C tests, {backend}, valgrind"), || {
            let ended = programs.run_in_valgrind();
            tally.take(format!("C, {backend}, valgrind"), ended)
        })?;
        stage(&format!("header and examples, {backend}"), || {
            users::scan(&library, &prefix, &place)?;
            users::cxx(&library, &place)?;
            users::examples(&prefix, &place)?;
            users::scripts(&prefix)
        })?;
        let cost = stage(&format!("what a task costs, {backend}"), || {
            users::measure(&library, &place)
        })?;
        costs.push(format!("What a task costs, {backend}:\n{cost}"));
    }
    Ok(())
}

/// Compares the symbols of `library`, and runs the tests on it.
fn test_with(
    library: &Library,
    place: &Path,
    backend: &str,
    tally: &mut Tally,
) -> Outcome<Programs> {
    symbols::compare(&library.header, &library.shared)?;
    let programs = Programs::compile(library, &place.join("tests"))?;
    tally.take(format!("C, {backend}"), programs.run())?;
    Ok(programs)
}

/// How a program uses what is installed below `prefix`.
fn usage(prefix: &Path) -> String {
    format!(
        "To use it:\n  export PKG_CONFIG_PATH={0}/pkgconfig\n  cc program.c -o program \
         $(pkg-config --cflags --libs qio-task) -Wl,-rpath,{0}",
        prefix.join("lib").display()
    )
}

/// Where what belongs to one build is kept.
fn place(build: &str) -> Outcome<PathBuf> {
    Ok(target()?.join("capi").join(build))
}

/// What an earlier run has left would hide what is missing now.
fn clear(place: &Path) -> Outcome {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(format!("can't remove {}: {error}", place.display()))
        }
        _ => Ok(()),
    }
}
