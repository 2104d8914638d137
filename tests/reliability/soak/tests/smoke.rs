//! The soak runs, for two seconds; and it fails when something is lost.

use std::process::{Command, Output};

fn soak(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args(arguments)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let said = said.into_owned();
    (output, said)
}

#[test]
fn two_seconds_of_it() {
    let (output, said) = soak(&["--seconds", "2"]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("nothing was lost"), "{said}");
    assert!(said.contains("not judged, the run was too short"), "{said}");
    // Each way to end has its column: it was seen.
    for ending in ["timed out", "panicked", "abandoned", "context died"] {
        assert!(said.contains(&format!(" {ending}")), "{ending}: {said}");
    }
}

#[test]
fn what_breaks_a_promise_is_seen() {
    for (how, seen) in [
        ("lose", "its last tasks"),
        ("swap", "got the result of task"),
        ("drop", "was dropped, not called"),
        ("away", "was dropped on thread"),
        ("reorder", "came out of order"),
        ("linger", "leaves its groups"),
    ] {
        let (output, said) = soak(&["--seconds", "30", "--patience", "10", "--sabotage", how]);
        assert!(!output.status.success(), "{how}: {said}");
        assert!(said.contains("BROKEN"), "{how}: {said}");
        assert!(said.contains(seen), "{how}: {said}");
    }
}

#[test]
fn options_that_can_not_be_are_refused() {
    let (output, said) = soak(&["--threads", "1"]);
    assert_eq!(output.status.code(), Some(2), "{said}");
}
