//! Wine, which runs the programs, in a folder of its own: nothing of the user's is read or
//! changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::toolchain::program;
use super::windows_target::mingw;
use crate::need::Need;
use crate::run::{Outcome, output, quoted, root, run};
use crate::setup::set_up;

/// The library that Wine has since 9.0, and the random numbers of Rust's standard library
/// come from.
const RANDOM: &str = "bcryptprimitives.dll";

/// Our own, for older ones.
const RANDOM_SOURCE: &str = "xtask/src/check/platforms/bcryptprimitives.c";

/// Wine, and how it is started.
pub struct Wine {
    pub version: String,
    /// The script that starts a program.
    pub runner: PathBuf,
}

impl Wine {
    /// Installs it, and makes it a folder below `place`. Programs find there what is in
    /// `libraries`.
    pub fn set_up(place: &Path, libraries: &Path) -> Work<Self> {
        set_up(Need::FOR_WINE).map_err(Stop::Lacks)?;
        let version = output(Command::new("wine").arg("--version"))
            .ok_or_else(|| Stop::Lacks("`wine` does not start".to_owned()))?;
        let (folder, own) = (place.join("wine"), place.join("own"));
        let runner = place.join("run-in-wine");
        program(&runner, &script(&folder, &[&own, libraries]))?;
        let system = folder.join("drive_c/windows/system32");
        if !system.join("kernel32.dll").exists() {
            let made = run(Command::new(&runner).args(["wineboot", "--init"]));
            made.map_err(Stop::Lacks)?;
        }
        if !system.join(RANDOM).exists() {
            make_random(&own)?;
        }
        Ok(Self {
            version: version.trim().replace("wine-", ""),
            runner,
        })
    }

    /// A command that runs `program`.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(&self.runner);
        command.arg(program);
        command
    }
}

/// What `file` is called there: the root of this machine is the drive Z.
pub fn path(file: &Path) -> String {
    format!("Z:{}", file.display().to_string().replace('/', "\\"))
}

/// The script that starts a program in `folder`, with what is in `libraries`.
fn script(folder: &Path, libraries: &[&Path]) -> String {
    let path: Vec<_> = libraries.iter().map(|folder| path(folder)).collect();
    format!(
        "#!/bin/sh\n\
         # Without a word of its own, nothing in the user's menus and folders, without asking for\n\
         # what only browsers need, and without a debugger that looks at each program which is\n\
         # meant to crash.\n\
         unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME\n\
         HOME={0} WINEPREFIX={0} WINEPATH={1} WINEDEBUG=-all \
         WINEDLLOVERRIDES='mscoree,mshtml,winedbg.exe,winemenubuilder.exe=' exec wine \"$@\"\n",
        quoted(folder.as_os_str()),
        quoted(path.join(";").as_ref())
    )
}

fn make_random(folder: &Path) -> Outcome {
    let library = folder.join(RANDOM);
    fs::create_dir_all(folder)
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    run(Command::new(mingw("gcc"))
        .args(["-shared", "-Wall", "-Wextra", "-Werror", "-O1", "-o"])
        .arg(&library)
        .arg(root().join(RANDOM_SOURCE))
        .arg("-ladvapi32"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_find_libraries_by_the_names_of_windows() {
        let script = script(
            Path::new("/p/wine"),
            &[Path::new("/p/own"), Path::new("/p/lib")],
        );
        assert!(script.contains("WINEPREFIX=/p/wine "), "{script}");
        assert!(
            script.contains(r"WINEPATH='Z:\p\own;Z:\p\lib' "),
            "{script}"
        );
    }
}
