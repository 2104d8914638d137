//! `cargo xtask gallery`: runs the application, or tests it in a real window.

mod request;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use request::Request;

use crate::capi;
use crate::counts::Counts;
use crate::need::Need;
use crate::run::{Outcome, cargo, ended, misused, root, run, run_seeing, target, with};
use crate::session::Session;
use crate::setup::{set_up, set_up_components};
use crate::stage::stage;
use crate::tally::Tally;
use crate::tap::Tap;

const PACKAGE: [&str; 2] = ["--package", "task-gallery"];

/// The backends: what each is called, and what chooses it.
const NATIVE: (&str, &str) = ("native", "");
const GTASK: (&str, &str) = ("gtask", "gtask");

/// The tests, in Python.
const TESTS: &str = "examples/gtk/tests/window";

/// By which the user may tell them to wait for longer.
const PATIENCE: &str = "GALLERY_PATIENCE";

const USAGE: &str = "\
Usage: cargo xtask gallery [--gtask] [-- ARGS]
       cargo xtask gallery --test [--gtask] [NAME...]

Builds Task Gallery, the GTK application, and runs it, with ARGS if given.

  --test   test it: lint it, then drive it by real events in a window that nobody
           sees, and so the window in C and the component of relm4, on both
           backends; with --gtask on that one alone. NAME is a file of
           examples/gtk/tests/window, as `flood` is of test_flood.py. Pictures go
           to target/gallery/BACKEND. With GALLERY_PATIENCE=30 a test waits for
           thirty seconds where it would for ten, as on a slow machine
  --gtask  with the backend `gtask`

Needs GTK 4.8 and libadwaita 1.2 or later. The tests are for Linux: they need a
display server (Xvfb), a bus, the accessibility bus and a window manager besides,
and start their own of each.";

/// Does what `arguments` ask.
pub fn gallery(arguments: &[String]) -> ExitCode {
    let request = match Request::parse(arguments) {
        Ok(request) => request,
        Err(why) => return misused(&why, USAGE),
    };
    if request.help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if !request.test {
        return ended(run_it(&request));
    }
    let mut tally = Tally::default();
    let outcome = test_it(&request, &mut tally);
    tally.print();
    ended(outcome)
}

fn run_it(request: &Request) -> Outcome {
    // Before anything is installed for it.
    if !has_display() {
        return Err(
            "there is no display here (neither WAYLAND_DISPLAY nor DISPLAY is set); \
                    `cargo xtask gallery --test` needs none"
                .to_owned(),
        );
    }
    set_up(Need::FOR_GALLERY)?;
    let (_, features) = if request.gtask { GTASK } else { NATIVE };
    let mut gallery = cargo(&["run", "--release"]);
    gallery.args(PACKAGE).args(with(features));
    run(gallery.arg("--").args(&request.rest))
}

/// On macOS, GTK asks for none.
fn has_display() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "macos") || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}

fn test_it(request: &Request, tally: &mut Tally) -> Outcome {
    set_up(Need::FOR_GALLERY)?;
    set_up(Need::FOR_WINDOW)?;
    set_up_components()?;
    for (backend, features) in [NATIVE, GTASK] {
        stage(&format!("lints of the gallery, {backend}"), || {
            lint(features)
        })?;
    }
    let backends: &[_] = if request.gtask {
        &[GTASK]
    } else {
        &[NATIVE, GTASK]
    };
    let mut outcome = Ok(());
    for (backend, features) in backends {
        let place = target()?.join("gallery").join(backend);
        let programs = stage(&format!("the gallery, {backend}"), || {
            build(features, &place)
        })?;
        let units = stage(&format!("tests of the gallery's parts, {backend}"), || {
            let mut units = cargo(&["test", "--release"]);
            units.args(PACKAGE).args(with(features));
            tally.take(format!("its parts, {backend}"), Counts::of(&mut units))
        });
        let driven = stage(&format!("the gallery in a window, {backend}"), || {
            let counted = drive(programs, &place, &request.rest)?;
            tally.take(format!("in a window, {backend}"), counted)
        });
        // Also on the other one, where this one has failed.
        outcome = outcome.and(units).and(driven);
    }
    outcome
}

fn lint(features: &str) -> Outcome {
    let mut clippy = cargo(&["clippy", "--all-targets"]);
    clippy.args(PACKAGE).args(with(features));
    run(clippy.args(["--", "-D", "warnings"]))
}

/// The programs that the tests drive: by which variable each is told to them.
type Programs = [(&'static str, PathBuf); 3];

/// Builds the application, and what its tests drive besides. Keeps copies in `place`,
/// where the build for the other backend leaves them alone.
fn build(features: &str, place: &Path) -> Outcome<Programs> {
    run(
        cargo(&["build", "--release", "--bins", "--example", "relm4"])
            .args(PACKAGE)
            .args(with(features)),
    )?;
    let release = target()?.join("release");
    let keep = |fresh: &str| {
        let fresh = release.join(fresh);
        let kept = place.join(fresh.file_name().unwrap_or_default());
        fs::create_dir_all(place)
            .and_then(|()| fs::copy(&fresh, &kept))
            .map_err(|error| format!("can't keep {}: {error}", fresh.display()))?;
        Ok::<_, String>(kept)
    };
    Ok([
        ("GALLERY_PROGRAM", keep("task-gallery")?),
        ("RELM4_PROGRAM", keep("examples/relm4")?),
        ("LOOKUP_PROGRAM", capi::window(features, place)?),
    ])
}

/// Has the tests of these `names`, or all, drive `programs`; pictures go to `place`.
fn drive(programs: Programs, place: &Path, names: &[String]) -> Outcome<(Counts, Outcome)> {
    let session = Session::start(&place.join("home"))?;
    let mut tests = session.command("/usr/bin/python3");
    tests
        .current_dir(root())
        .envs(programs)
        .env("GALLERY_PICTURES", place)
        .envs(env::var_os(PATIENCE).map(|seconds| (PATIENCE, seconds)))
        // Nothing is left among the sources.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(TESTS)
        .args(names);
    let mut tap = Tap::default();
    let ended = run_seeing(&mut tests, |line| tap.see(line));
    let (counts, told) = tap.end();
    let outcome = match counts.failed {
        // The command has so many variables that nobody would find this at its end.
        1.. => Err(format!("{} failed, as is told above", counts.failed)),
        0 => ended.and(told).and_then(|()| counts.complete()),
    };
    Ok((counts, outcome))
}
