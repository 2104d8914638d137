//! What the types forbid does not compile, and the compiler says why.

use std::{env, ffi::OsString, panic, path::Path, process::Command};

/// The compiler whose words are pinned in the files `*.stderr`: without its
/// component rust-src, which would have it quote the standard library.
const PINNED: &str = "rustc 1.95.";

#[test]
fn does_not_compile() {
    let result = panic::catch_unwind(|| {
        trybuild::TestCases::new().compile_fail("tests/forbidden/*.rs");
    });
    if let Err(panic) = result {
        if let Some(difference) = difference() {
            eprintln!(
                "\nThe words of {PINNED}* without rust-src are pinned, and {difference}. Where a \
                 program above was refused in other words, nothing is wrong; `TRYBUILD=overwrite \
                 cargo test -p compile-fail` accepts them. One that compiles is a defect.\n"
            );
        }
        panic::resume_unwind(panic);
    }
}

/// Why this compiler may say something else.
fn difference() -> Option<String> {
    let compiler = ask_rustc("--version");
    if !compiler.starts_with(PINNED) {
        return Some(format!("this is {compiler}"));
    }
    let quoted = Path::new(&ask_rustc("--print=sysroot")).join("lib/rustlib/src/rust");
    quoted
        .exists()
        .then(|| format!("it is in {}", quoted.display()))
}

fn ask_rustc(what: &str) -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let answer = Command::new(rustc).arg(what).output();
    answer.map_or_else(
        |error| format!("a compiler that does not start: {error}"),
        |answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned(),
    )
}
