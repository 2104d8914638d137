//! The examples of the ecosystem, as programs: what they print, and that they end.
//!
//! `cargo test` builds them; with `--test examples` they have to be there already.

mod common;

use std::{
    env::{self, consts::EXE_EXTENSION, temp_dir},
    ffi::OsStr,
    fs,
    path::PathBuf,
    process::{self, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use common::PATIENCE;

#[test]
fn clone_fills_the_list_that_is_left() {
    let folder = Folder::new("clone");
    let (two, none) = (folder.file("two", b"a\nb\n"), folder.file("none", b""));
    let missing = folder.0.join("missing");
    let lines = run("clone", [&two, &none, &missing]).lines();

    let closed = lines.iter().filter(|line| line.contains("closed"));
    assert_eq!(closed.count(), 3, "{lines:?}");
    let counts: [(_, &str); 3] = [(two, "2 lines"), (none, "0 lines"), (missing, NO_SUCH)];
    for (file, count) in counts {
        let row = format!("{}: {count}", file.display());
        let rows = lines.iter().filter(|line| line.starts_with(&row));
        assert_eq!(rows.count(), 1, "{row} in {lines:?}");
    }
}

#[test]
fn spawn_local_gets_each_answer_in_turn() {
    let lines = run::<&str>("spawn_local", []).lines();
    assert_eq!(lines, ["WHO, WHAT, WHY"]);
}

#[test]
fn cancellable_future_ends_the_call_of_the_worker() {
    let lines = run::<&str>("cancellable_future", []).lines();
    assert!(
        lines[0].starts_with("a visitor from 127.0.0.1:"),
        "{lines:?}"
    );
    assert_eq!(lines[1], "closed");
    assert!(lines[2].starts_with("the worker: "), "{lines:?}");
    assert!(lines[2].contains("cancelled"), "{lines:?}");
}

#[test]
fn join_select_hangs_up_on_the_slow_one() {
    let lines = run::<&str>("join_select", []).lines();
    let expected = [
        "both: one and two",
        "first: quick",
        "the slow one: nobody asks any more",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn anyhow_counts_or_tells_what_led_to_the_error() {
    let folder = Folder::new("anyhow");
    folder.file("three", b"one two\nthree");
    folder.file("one", b"four");
    assert_eq!(run("anyhow", [&folder.0]).lines(), ["4 words"]);

    let no_text = folder.file("no-text", b"\xff");
    let why = run("anyhow", [&folder.0]).complaint();
    let file = format!("can't read {}: ", no_text.display());
    assert!(why.starts_with(&file) && why.contains("UTF-8"), "{why}");

    let missing = folder.0.join("missing");
    let why = run("anyhow", [&missing]).complaint();
    let folder = format!("can't list {}: {NO_SUCH}", missing.display());
    assert!(why.starts_with(&folder), "{why}");
}

/// How the system says that there is no file, or no folder.
const NO_SUCH: &str = if cfg!(windows) {
    "The system cannot find the"
} else {
    "No such"
};

/// What a program has left.
struct Ended(Output);

impl Ended {
    /// What it has printed, as it ended well and complained of nothing.
    fn lines(self) -> Vec<String> {
        let Output { status, stderr, .. } = &self.0;
        assert!(status.success() && stderr.is_empty(), "{:?}", self.0);
        let text = String::from_utf8(self.0.stdout).expect("it prints text");
        text.lines().map(str::to_owned).collect()
    }

    /// Why it failed.
    fn complaint(self) -> String {
        assert_eq!(self.0.status.code(), Some(1), "{:?}", self.0);
        String::from_utf8(self.0.stderr).expect("it prints text")
    }
}

/// Runs an example to its end, which every warning of GLib is.
fn run<A: AsRef<OsStr>>(example: &str, arguments: impl IntoIterator<Item = A>) -> Ended {
    let path = path(example);
    let mut child = Command::new(&path)
        .args(arguments)
        .env("LC_ALL", "C")
        .env("G_DEBUG", "fatal-warnings")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            let path = path.display();
            panic!("{path}: {error}; `cargo build --example {example}` makes it")
        });
    let begun = Instant::now();
    // They print little: no pipe is ever full.
    while child.try_wait().expect("a child can be asked").is_none() {
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("{example} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    }
    let ended = child.wait_with_output();
    Ended(ended.expect("a child can be waited for"))
}

/// `target/debug/examples/NAME` beside `target/debug/deps/examples-…`.
fn path(example: &str) -> PathBuf {
    let this = env::current_exe().expect("the path of this test");
    let profile = this.ancestors().nth(2).expect("the folder of the profile");
    let examples = profile.join("examples");
    examples.join(example).with_extension(EXE_EXTENSION)
}

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = temp_dir().join(format!("qio-task-{test}-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        Self(folder)
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let file = self.0.join(name);
        fs::write(&file, content).expect("a file can be written");
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
