//! The example `stuck`: what hangs in it is found, also as it ends.
//!
//! `cargo test` builds it; with `--test stuck` it has to be there already.

mod common;

use common::process::Process;

/// The lines of the list that tell of the lookup of the example `stuck`.
fn lookups(lines: &[String]) -> usize {
    let is_one = |line: &&String| line.contains("\"lookup\"") && line.contains("stuck.rs");
    lines.iter().filter(is_one).count()
}

#[test]
fn what_is_left_is_listed_as_main_returns() {
    let (lines, status) = Process::of_example("stuck", &["return"], Some("tasks")).end();
    assert!(status.success(), "{lines:#?}");
    assert_eq!(lookups(&lines), 1, "{lines:#?}");
}

#[test]
fn what_is_left_is_listed_at_exit() {
    let (lines, status) = Process::of_example("stuck", &["exit"], Some("all")).end();
    assert_eq!(status.code(), Some(3), "{lines:#?}");
    assert_eq!(lookups(&lines), 1, "{lines:#?}");
}

#[test]
fn nothing_is_listed_without_the_word() {
    for debug in [None, Some("slow")] {
        let (lines, status) = Process::of_example("stuck", &["return"], debug).end();
        assert!(status.success(), "{lines:#?}");
        assert_eq!(lookups(&lines), 0, "{lines:#?}");
    }
}

#[test]
fn the_example_finds_what_it_is_stuck_in() {
    for (place, state) in [("worker", "running"), ("callback", "callback running")] {
        let (lines, status) = Process::of_example("stuck", &[place, "--show"], None).end();
        assert!(status.success(), "{lines:#?}");
        let line = lines.iter().find(|line| line.contains("\"lookup\""));
        let line = line.unwrap_or_else(|| panic!("{lines:#?}"));
        assert!(line.contains(state) && line.contains("stuck.rs"), "{line}");
    }
}
