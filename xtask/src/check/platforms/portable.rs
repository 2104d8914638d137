//! What the library has for macOS and the BSDs, on this machine.

use std::path::Path;

use super::super::ending::{Stop, Work};
use super::report::Report;
use crate::counts::Counts;
use crate::portable::{BACKENDS, tests};

/// Runs the contract's tests with it, on both backends.
pub fn portable(_: &Path, report: &mut Report) -> Work<()> {
    if !cfg!(target_os = "linux") {
        let why = "only on Linux there is something else, which it takes the place of";
        return Err(Stop::Nothing(why.to_owned()));
    }
    for (_, features) in BACKENDS {
        let counts = Counts::of(&mut tests(features)?);
        let what = format!("contract [{features}]");
        report.count(
            "Linux, as other Unix systems",
            "this machine",
            &what,
            counts,
        );
    }
    Ok(())
}
