//! The log that the example `tracing` writes.

use tracing::Level;

use crate::common::{in_child, is_child};

#[allow(dead_code, reason = "its `main`")]
#[path = "../../examples/tracing.rs"]
mod example;

const WRITES: &str = "log::each_task_and_what_it_tells_is_in_its_span";

#[test]
fn each_task_and_what_it_tells_is_in_its_span() {
    if is_child(WRITES) {
        example::log(Level::DEBUG);
        return;
    }
    let output = in_child(WRITES);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let text = without_colours(&text);
    for words in [
        ["request{number=7}", "name=\"settings\"", "reading"],
        ["qio-worker", "name=\"bookmarks\"", "reading"],
        [
            "name=\"settings\"",
            "outcome=\"completed\"",
            "loaded content=\"dark\"",
        ],
        [
            "name=\"bookmarks\"",
            "outcome=\"failed\"",
            "error=there are none",
        ],
        ["name=\"history\"", "outcome=\"cancelled\"", "not loaded"],
        [
            "name=\"settings\"",
            "outcome=\"completed\"",
            "close time.busy=",
        ],
        [
            "name=\"bookmarks\"",
            "outcome=\"failed\"",
            "close time.busy=",
        ],
        [
            "name=\"history\"",
            "outcome=\"cancelled\"",
            "close time.busy=",
        ],
    ] {
        let has_all = |line: &&str| words.iter().all(|word| line.contains(word));
        assert_eq!(
            text.lines().filter(has_all).count(),
            1,
            "{words:?} in\n{text}"
        );
    }
}

/// The text of a terminal without its codes, which all end with an `m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .filter_map(|part| part.split_once('m'))
        .fold(first, |text, (_, rest)| text + rest)
}
