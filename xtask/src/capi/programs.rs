//! The tests in C: each file of `tests/capi` is a program, and each folder another.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::library::{FLAGS, Library, TESTS};
use super::plug_in;

use crate::counts::Counts;
use crate::run::{Outcome, root, run_seeing};
use crate::tap::Tap;

/// As strict as it can be without GLib's own leaks: it never frees what it keeps.
const VALGRIND: &str = "valgrind -q --fair-sched=yes --error-exitcode=99 --leak-check=full \
                        --show-leak-kinds=definite --errors-for-leak-kinds=definite";

/// The folder there that is no test: it measures.
pub const MEASURE: &str = "bench";

/// The programs of the tests, compiled.
pub struct Programs(Vec<PathBuf>);

impl Programs {
    /// Compiles them against `library`, into `place`.
    pub fn compile(library: &Library, place: &Path) -> Outcome<Self> {
        let mut programs = Self::compile_those(|_| true, "cc", library, place)?;
        if cfg!(target_os = "linux") {
            programs.0.push(plug_in::compile(library, place)?);
        }
        Ok(programs)
    }

    /// Has `compiler` compile those whose names are `wanted`.
    pub fn compile_those(
        wanted: impl Fn(&str) -> bool,
        compiler: &str,
        library: &Library,
        place: &Path,
    ) -> Outcome<Self> {
        let tests = root().join(TESTS);
        let mut programs = Vec::new();
        for sources in sources(&tests)? {
            let name = name(&tests, &sources[0]);
            if wanted(&name.to_string_lossy()) {
                let program = place.join(name).with_extension(library.of_programs);
                library.compile(compiler, &FLAGS, &sources, &program)?;
                programs.push(program);
            }
        }
        Ok(Self(programs))
    }

    /// Runs them.
    pub fn run(&self) -> (Counts, Outcome) {
        self.run_each(|program| Command::new(program))
    }

    /// Runs them under valgrind, which takes its time: of what they do many times, they
    /// do less.
    pub fn run_in_valgrind(&self) -> (Counts, Outcome) {
        self.run_each(|program| {
            let mut words = VALGRIND.split_whitespace();
            let mut valgrind = Command::new(words.next().unwrap_or_default());
            valgrind
                .env("QIO_TASK_TESTS_FEW", "1")
                // An old GLib would keep what it has freed.
                .env("G_SLICE", "always-malloc")
                .args(words)
                .arg(program);
            valgrind
        })
    }

    /// Runs each by what `command` makes of it, also those after one that fails.
    pub fn run_each(&self, command: impl Fn(&Path) -> Command) -> (Counts, Outcome) {
        let (mut counts, mut outcome) = (Counts::default(), Ok(()));
        for program in &self.0 {
            let mut tap = Tap::default();
            let ended = run_seeing(command(program).arg("--tap"), |line| tap.see(line));
            let (told, complete) = tap.end();
            counts += told;
            let complete = complete.map_err(|why| format!("{}: {why}", program.display()));
            outcome = outcome.and(ended).and(complete);
        }
        (counts, outcome.and_then(|()| counts.complete()))
    }
}

/// The sources of each program below `tests`.
fn sources(tests: &Path) -> Outcome<Vec<Vec<PathBuf>>> {
    let mut programs: Vec<_> = files(tests, "c")?
        .into_iter()
        .map(|file| vec![file])
        .collect();
    for folder in entries(tests)? {
        let is_other = folder.ends_with(MEASURE) || folder.ends_with(plug_in::FOLDER);
        if folder.is_dir() && !is_other {
            programs.push(files(&folder, "c")?);
        }
    }
    programs.retain(|sources| !sources.is_empty());
    Ok(programs)
}

/// The files of `folder` whose names end so, in the order of their names.
pub fn files(folder: &Path, extension: &str) -> Outcome<Vec<PathBuf>> {
    let mut files = entries(folder)?;
    files.retain(|file| file.extension() == Some(OsStr::new(extension)));
    Ok(files)
}

fn entries(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let read = || -> io::Result<Vec<_>> {
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        entries.collect()
    };
    let mut entries =
        read().map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

/// What the program is called of which `source` is a part: as its folder, if it has one
/// of its own.
fn name<'a>(tests: &Path, source: &'a Path) -> &'a OsStr {
    let own = source.parent().filter(|folder| *folder != tests);
    let name = match own {
        Some(folder) => folder.file_name(),
        None => source.file_stem(),
    };
    name.unwrap_or(source.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::target;

    #[test]
    fn a_file_is_a_program_and_a_folder_is_one() -> io::Result<()> {
        let tests = target().unwrap().join("capi-sources");
        let _ = fs::remove_dir_all(&tests);
        for file in [
            "wait.c",
            "support.h",
            "qemu/b.c",
            "qemu/a.c",
            "qemu/x.h",
            "qemu/io/task.h",
            "bench/i.c",
            "plug-in/p.c",
        ] {
            let file = tests.join(file);
            fs::create_dir_all(file.with_file_name(""))?;
            fs::write(file, "")?;
        }
        let programs = sources(&tests).unwrap();
        let names: Vec<_> = programs
            .iter()
            .map(|sources| name(&tests, &sources[0]))
            .collect();
        assert_eq!(names, ["wait", "qemu"]);
        assert_eq!(
            programs[1],
            [tests.join("qemu/a.c"), tests.join("qemu/b.c")]
        );
        fs::remove_dir_all(&tests)
    }

    /// A program that prints `output` and exits with `code`.
    fn program(output: &str, code: i32) -> (Counts, Outcome) {
        Programs(vec!["sh".into()]).run_each(|program| {
            let mut command = Command::new(program);
            command.args(["-c", &format!("printf '{output}'; exit {code}")]);
            command
        })
    }

    #[test]
    fn only_what_ends_well_and_has_told_of_all_passes() {
        let (counts, outcome) = program("1..2\\nok 1 /a\\nok 2 /b\\n", 0);
        assert_eq!((counts.passed, outcome), (2, Ok(())));
        assert!(program("1..1\\nok 1 /a\\n", 99).1.is_err());
        assert!(program("1..2\\nok 1 /a\\n", 0).1.is_err());
        assert!(program("1..1\\nok 1 /a # SKIP\\n", 0).1.is_err());
    }
}
