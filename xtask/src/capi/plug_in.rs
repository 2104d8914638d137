//! A program that knows nothing of the library, and loads and unloads a plug-in that uses it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::library::{FLAGS, GLIB, Library, TESTS, answer};
use crate::need::pkg_config;
use crate::run::{Outcome, root, run};

/// The folder of its sources.
pub const FOLDER: &str = "plug-in";

/// Compiles both into `place`, the plug-in against `library`. Returns the program.
pub fn compile(library: &Library, place: &Path) -> Outcome<PathBuf> {
    let sources = root().join(TESTS).join(FOLDER);
    let mut flags = FLAGS.to_vec();
    flags.extend(["-shared", "-fPIC"]);
    let plug_in = place.join("plug-in.so");
    library.compile("cc", &flags, &[sources.join("plug-in.c")], &plug_in)?;
    let program = place.join(FOLDER);
    run(Command::new("cc")
        .args(FLAGS)
        .arg("-o")
        .arg(&program)
        .arg(sources.join("host.c"))
        .args(answer(pkg_config().args(GLIB))?)
        .arg("-ldl"))?;
    Ok(program)
}
