//! No two files of a crate import each other, not even in a ring of many; and in the library
//! none imports from above its floor. `cargo xtask test` runs this with the tests of xtask.
//!
//! What counts is each path in the code that leads to an item of another file, wherever it
//! is written; a re-export is followed to the file that has the item. Methods are not seen:
//! whoever calls one has its type from somewhere. Tests may look at whatever they test.

// Implementation
//
// `sources` reads a package, `modules` finds the modules of its crates by their `syntax`,
// `scope` knows what a path leads to from one of them, and `imports` asks it for each path.
// `rings` are looked for in what comes of that; `table` has the floors. What is found is
// put into words by `findings`; the `cases` are tests of all this.

mod cases;
mod findings;
mod imports;
mod modules;
mod rings;
mod scope;
mod sources;
mod syntax;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use findings::findings;
use sources::Sources;
use table::{Floors, LIBRARY};

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

/// Fails with all that is wrong with the Rust files in these `folders`.
#[track_caller]
fn assert_clean(folders: &[PathBuf], floors: Option<&Floors>) {
    let mut all = Vec::new();
    for folder in folders {
        let sources = Sources::read(folder).unwrap();
        assert_ne!(sources.roots().count(), 0, "no crate: {}", folder.display());
        let findings = findings(&sources, floors).into_iter();
        all.extend(findings.map(|it| format!("{}: {it}", folder.display())));
    }
    assert!(
        all.is_empty(),
        "{} findings:\n{}",
        all.len(),
        all.join("\n")
    );
}

#[test]
fn library() {
    assert_clean(&[root().join("src")], Some(&LIBRARY));
}

#[test]
fn xtask() {
    assert_clean(&[root().join("xtask")], None);
}

#[test]
fn benches() {
    let entries = fs::read_dir(root().join("benches")).unwrap();
    let folders: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    assert_clean(&folders, None);
}
