//! The contract with what the library has for Unix systems other than Linux: a cfg makes it run
//! on Linux, so that it is not only compiled.

use std::process::Command;

use crate::run::{Outcome, cargo, target, with};

/// What each backend is called with it, and what chooses that backend.
pub const BACKENDS: [(&str, &str); 2] = [("portable, native", ""), ("portable, gtask", "gtask")];

/// By which it is chosen where there would be something else.
const CFG: &str = "--cfg qio_portable";

/// The command that runs the tests with `features`, in a folder of its own: for other flags
/// cargo builds all anew.
pub fn tests(features: &str) -> Outcome<Command> {
    let mut test = cargo(&["test", "--no-fail-fast", "--lib", "--test", "contract"]);
    test.args(with(features))
        .env("RUSTFLAGS", CFG)
        .env("CARGO_TARGET_DIR", target()?.join("portable"));
    Ok(test)
}
