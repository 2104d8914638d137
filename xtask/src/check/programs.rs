//! The members of `tests/reliability`, as many of their programs as there is time for.

use std::fs;

use super::backends::run_tests;
use super::ending::Work;
use super::rust::Rust;
use super::sanitizer::Sanitizer;
use crate::counts::Counts;
use crate::run::{cargo, root, run, run_seeing, target, with};

/// How many random programs each backend runs.
const PROGRAMS: u32 = 100_000;

/// How long each backend is under load.
const SECONDS: u32 = 20;

/// Random programs on each backend beside the model, and then the backends beside each
/// other.
pub fn model() -> Work<String> {
    let place = target()?.join("check/model");
    fs::create_dir_all(&place)
        .map_err(|error| format!("can't make {}: {error}", place.display()))?;
    let model = |features| {
        let mut model = cargo(&["run", "--release", "--package", "model"]);
        model.args(with(features)).arg("--");
        model
    };
    let backends = [("native", ""), ("gtask", "gtask")];
    let outputs = backends.map(|(backend, _)| place.join(backend));
    for ((_, features), output) in backends.iter().zip(&outputs) {
        run(model(features)
            .args(["run", "--programs", &PROGRAMS.to_string(), "--out"])
            .arg(output))?;
    }
    run(model("").arg("compare").args(&outputs))?;
    Ok(format!("{PROGRAMS} programs on each backend"))
}

/// Every order of the threads that loom tells apart.
pub fn interleavings() -> Work<String> {
    let mut test = cargo(&["test", "--release", "--package", "interleavings"]);
    let (mut counts, mut tried) = (Counts::default(), 0);
    run_seeing(test.args(["--", "--nocapture"]), |line| {
        counts += Counts::parse(line).unwrap_or_default();
        tried += interleavings_of(line).unwrap_or_default();
    })?;
    Ok(format!("{} tests, {tried} interleavings", counts.passed))
}

/// How many a test says that it has tried.
fn interleavings_of(line: &str) -> Option<u64> {
    let (before, _) = line.split_once(" interleavings")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// The same scenarios on real threads. The whole library can't be so looked at: GLib is
/// not built with the sanitizer, which takes the order that its locks make for none.
pub fn threads() -> Work<String> {
    let rust = Rust::find()?;
    let races = root().join("tests/reliability/interleavings/tsan.suppressions");
    run_tests(&["threads"], |features| {
        let arguments = ["test", "--release", "--package", "interleavings"];
        let mut test = Sanitizer::Thread.cargo(&rust, &arguments)?;
        test.args(with(features)).env(
            "TSAN_OPTIONS",
            format!("halt_on_error=1:suppressions={}", races.display()),
        );
        Ok(test)
    })
}

/// The system refuses, ends or surprises, on each backend.
pub fn faults() -> Work<String> {
    run_tests(&["", "gtask"], |features| {
        let mut test = cargo(&["test", "--no-fail-fast", "--package", "faults"]);
        test.args(with(features));
        Ok(test)
    })
}

/// What must not compile, on either backend.
pub fn misuse() -> Work<String> {
    run_tests(&["", "gtask"], |features| {
        let mut test = cargo(&["test", "--package", "compile-fail"]);
        test.args(with(features));
        Ok(test)
    })
}

/// Many threads for a short time on each backend: `cargo xtask soak` goes on for longer.
pub fn soak() -> Work<String> {
    for features in ["", "gtask"] {
        let mut soak = cargo(&["run", "--release", "--package", "soak"]);
        run(soak
            .args(with(features))
            .args(["--", "--seconds", &SECONDS.to_string()]))?;
    }
    Ok(format!("{SECONDS} s on each backend"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_test_has_tried_is_counted() {
        let all = "queue::one_job: 1234 interleavings, all there are";
        assert_eq!(interleavings_of(all), Some(1234));
        let bounded =
            "test queue::one_job ... queue::one_job: 7 interleavings of up to 3 preemptions";
        assert_eq!(interleavings_of(bounded), Some(7));
        assert_eq!(interleavings_of("test interleavings ... ok"), None);
    }
}
