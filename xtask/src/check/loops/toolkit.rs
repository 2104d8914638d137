//! The toolkits: what each needs, and how its programs are started.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::ending::{Stop, Work};
use super::super::venv::venv;
use crate::capi::{FLAGS, Library};
use crate::need::{Need, PYTHON};
use crate::run::{Outcome, root, succeeds};
use crate::session::Session;
use crate::setup::{set_up, set_up_what_there_is};

/// The programs.
const TESTS: &str = "tests/loops";

/// What each of them makes its tasks with.
const TOLD: &str = "told.c";

/// By which a script is told of the library that makes the tasks.
const LIBRARY: &str = "TOLD_LIBRARY";

/// A toolkit.
pub struct Toolkit {
    pub name: &'static str,
    /// Installs what it needs.
    set_up: fn(&Path) -> Work<Ready>,
    /// What its program is told: in which way the loop never rests.
    pub cases: &'static [&'static [&'static str]],
    /// How each case is run.
    pub modes: [&'static str; 2],
}

/// The bound put off for ever comes first.
const BOUNDS: [&str; 2] = ["unbounded", "bounded"];

pub const TOOLKITS: [Toolkit; 6] = [
    Toolkit {
        name: "Qt",
        set_up: qt,
        cases: &[
            &["PyQt6", "zero-timer"],
            &["PyQt6", "overrun"],
            &["PyQt6", "posted-event"],
            &["PyQt6", "readable-socket"],
            &["PySide6", "zero-timer"],
            &["PySide6", "overrun"],
            &["PySide6", "posted-event"],
            &["PySide6", "readable-socket"],
        ],
        modes: BOUNDS,
    },
    Toolkit {
        name: "Qt, quitting",
        set_up: qt_quits,
        cases: &[&[]],
        modes: ["pool", "dedicated"],
    },
    Toolkit {
        name: "GTK",
        set_up: gtk,
        cases: &[&[]],
        modes: BOUNDS,
    },
    Toolkit {
        name: "asyncio",
        set_up: asyncio,
        cases: &[&[]],
        modes: BOUNDS,
    },
    Toolkit {
        name: "GJS",
        set_up: gjs,
        cases: &[&[]],
        modes: BOUNDS,
    },
    Toolkit {
        name: "libdex",
        set_up: libdex,
        cases: &[&["main"], &["pool"]],
        modes: BOUNDS,
    },
];

/// How the programs of a toolkit are made and started, once all is there for them.
pub enum Ready {
    /// In Python.
    Script { python: PathBuf, file: &'static str },
    /// In C, with this package; perhaps in a window.
    Program {
        file: &'static str,
        package: &'static str,
        session: Option<Session>,
    },
}

impl Toolkit {
    /// What it downloads is kept in `place`.
    pub fn set_up(&self, place: &Path) -> Work<Ready> {
        (self.set_up)(place)
    }
}

impl Ready {
    /// Compiles what makes the tasks with `library`, into `place`: a program, or what a
    /// script loads.
    pub fn compile(&self, library: &Library, place: &Path) -> Outcome<PathBuf> {
        let told = tests().join(TOLD);
        match self {
            Self::Script { .. } => {
                let shared = place.join("libtold.so");
                let flags = [&FLAGS[..], &["-shared", "-fPIC"]].concat();
                library.compile("cc", &flags, &[told], &shared)?;
                Ok(shared)
            }
            Self::Program { file, package, .. } => {
                let source = tests().join(file);
                let program = place.join(source.file_stem().unwrap_or_default());
                let library = library.clone().beside(&[package])?;
                library.compile("cc", &FLAGS, &[source, told], &program)?;
                Ok(program)
            }
        }
    }

    /// The command that runs what was compiled, with the name of a case to come.
    pub fn command(&self, compiled: &Path) -> Command {
        match self {
            Self::Script { python, file } => {
                let mut command = Command::new(python);
                command
                    .current_dir(root())
                    .env(LIBRARY, compiled)
                    .env("QT_QPA_PLATFORM", "offscreen")
                    .arg(Path::new(TESTS).join(file));
                command
            }
            Self::Program { session, .. } => {
                let program = compiled.display().to_string();
                let in_session = |session: &Session| {
                    let mut command = session.command(&program);
                    // Nobody looks at it.
                    command.env("GTK_A11Y", "none");
                    command
                };
                session
                    .as_ref()
                    .map_or_else(|| Command::new(&program), in_session)
            }
        }
    }
}

fn qt(place: &Path) -> Work<Ready> {
    qt_script(place, "qt.py")
}

fn qt_quits(place: &Path) -> Work<Ready> {
    qt_script(place, "qt_quits.py")
}

fn qt_script(place: &Path, file: &'static str) -> Work<Ready> {
    lacks(set_up(Need::FOR_QT))?;
    let python = venv(&place.join("qt"), &tests().join("qt.txt"))?;
    Ok(Ready::Script { python, file })
}

/// On the system's own `PyGObject`, if that is new enough.
fn asyncio(place: &Path) -> Work<Ready> {
    const NEW_ENOUGH: &str = "import gi.events";
    lacks(set_up(Need::FOR_ASYNCIO))?;
    let is_there = succeeds(Command::new(PYTHON).args(["-c", NEW_ENOUGH]));
    let python = if is_there {
        PYTHON.into()
    } else {
        lacks(set_up(Need::FOR_PYGOBJECT))?;
        venv(
            &place.join("asyncio_glib"),
            &tests().join("asyncio_glib.txt"),
        )?
    };
    Ok(Ready::Script {
        python,
        file: "asyncio_glib.py",
    })
}

fn gtk(place: &Path) -> Work<Ready> {
    lacks(set_up(Need::FOR_FRAMES))?;
    Ok(Ready::Program {
        file: "gtk.c",
        package: "gtk4",
        session: Some(Session::start(&place.join("home"))?),
    })
}

fn gjs(_: &Path) -> Work<Ready> {
    lacks(set_up(Need::FOR_GJS))?;
    Ok(program("gjs.c", "gjs-1.0"))
}

/// Only some releases of a system have it.
fn libdex(_: &Path) -> Work<Ready> {
    set_up_what_there_is(Need::FOR_LIBDEX);
    if Need::Libdex.is_met() {
        Ok(program("libdex.c", "libdex-1"))
    } else {
        Err(Stop::Nothing("this system has none".to_owned()))
    }
}

fn tests() -> PathBuf {
    root().join(TESTS)
}

fn program(file: &'static str, package: &'static str) -> Ready {
    Ready::Program {
        file,
        package,
        session: None,
    }
}

/// What the machine must be given first.
fn lacks(outcome: Outcome) -> Work<()> {
    outcome.map_err(Stop::Lacks)
}
