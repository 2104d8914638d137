//! What the floors forbid, in libraries made for it.

use crate::findings::findings;
use crate::sources::Sources;
use crate::table::Floors;

const FLOORS: Floors = Floors {
    folders: &[&["base", "error"], &["node"], &["task", "observe"]],
    moving: &[("builder", "task")],
};

fn found<const N: usize>(files: [(&str, &str); N]) -> Vec<String> {
    findings(&Sources::from(files), Some(&FLOORS))
}

#[test]
fn from_below_and_from_beside_may_be_imported() {
    let found = found([
        (
            "lib.rs",
            "mod base; mod builder; mod error; mod node; mod observe; use builder::Builder;",
        ),
        ("base.rs", "pub mod pool;"),
        ("base/pool.rs", "use crate::error::Error;"),
        (
            "builder.rs",
            "use crate::{error::Error, node::Node, observe::seen}; pub struct Builder;",
        ),
        ("error.rs", "pub struct Error;"),
        (
            "node.rs",
            "mod header; use header::Header; pub struct Node;",
        ),
        ("node/header.rs", "pub struct Header;"),
        ("observe.rs", "pub fn seen() {}"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn an_import_from_above_is_shown() {
    let found = found([
        (
            "lib.rs",
            "mod builder; mod node; pub const LOG: &str = \"\"; pub use builder::Builder;",
        ),
        ("builder.rs", "pub struct Builder;"),
        ("node.rs", "mod header;"),
        ("node/header.rs", "use crate::Builder;\nuse crate::LOG;"),
    ]);
    assert_eq!(
        found,
        [
            "node/header.rs:1 imports crate::Builder from above: node/header.rs (node, floor 2) \
             -> builder.rs (task, floor 3)",
            "node/header.rs:2 imports crate::LOG from above: node/header.rs (node, floor 2) -> \
             lib.rs (lib, floor 4)",
        ]
    );
}

#[test]
fn folders_of_one_floor_must_not_import_each_other() {
    let found = found([
        ("lib.rs", "mod observe; mod task;"),
        ("observe.rs", "mod slow; pub fn seen() {}"),
        ("observe/slow.rs", "use crate::task::Task;"),
        ("task.rs", "mod watch; pub struct Task;"),
        ("task/watch.rs", "\nuse crate::observe::seen;"),
    ]);
    assert_eq!(
        found,
        [
            "folders import each other: observe (observe/slow.rs:1) -> task (task/watch.rs:2) -> \
          observe"
        ]
    );
}

#[test]
fn who_makes_a_folder_is_told_what_to_do() {
    let found = found([
        ("lib.rs", "mod tools;"),
        ("tools.rs", "mod a;"),
        ("tools/a.rs", ""),
    ]);
    let what = "is on no floor: move it into a folder that has one, or give `tools` one in \
                xtask/tests/floors/table.rs";
    assert_eq!(
        found,
        [format!("tools/a.rs {what}"), format!("tools.rs {what}")]
    );
}
