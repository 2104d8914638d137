//! What build scripts want besides Rust to compile for another system: a C compiler and an
//! archiver that make empty files. Nothing is linked where only the types are looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::toolchain::program;
use crate::run::Outcome;

/// Takes the words of gcc, of ar and of Microsoft's programs.
const SCRIPT: &str = r#"#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
        -o) shift && : > "$1" ;;
        -Fo* | /Fo*) : > "${1#?Fo}" ;;
        -out:* | /out:*) : > "${1#?out:}" ;;
        *.a) : > "$1" ;;
    esac
    shift
done
"#;

/// Both programs, in one.
pub struct StandIns {
    folder: PathBuf,
    script: PathBuf,
}

impl StandIns {
    /// Makes them in `place`.
    pub fn set_up(place: &Path) -> Outcome<Self> {
        let script = place.join("makes-empty-files");
        program(&script, SCRIPT)?;
        Ok(Self {
            folder: place.to_owned(),
            script,
        })
    }

    /// Has the build scripts that `cargo` runs for `target` use them. For GLib's files they ask
    /// this machine's pkg-config: the version is all that counts.
    pub fn lend(&self, cargo: &mut Command, target: &str) {
        let suffix = target.replace('-', "_");
        cargo
            .env(format!("CC_{suffix}"), &self.script)
            .env(format!("AR_{suffix}"), &self.script)
            // A folder in which Apple's files would be.
            .env("SDKROOT", &self.folder)
            .env("PKG_CONFIG_ALLOW_CROSS", "1");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::run::{run, target};

    #[test]
    fn each_way_to_name_an_output_is_understood() {
        let place = target().unwrap().join("stand-ins");
        let _ = fs::remove_dir_all(&place);
        let programs = StandIns::set_up(&place).unwrap();
        for (words, made) in [
            (&["-O2", "-c", "a.c", "-o", "a.o"][..], "a.o"),
            (&["-nologo", "-Fob.obj", "-c", "b.c"], "b.obj"),
            (&["cq", "libc.a", "c.o"], "libc.a"),
            (&["-out:d.lib", "-nologo", "d.obj"], "d.lib"),
        ] {
            run(Command::new(&programs.script)
                .current_dir(&place)
                .args(words))
            .unwrap();
            assert_eq!(fs::read(place.join(made)).unwrap(), b"", "{words:?}");
        }
        fs::remove_dir_all(&place).unwrap();
    }
}
