//! The suite, where every access and every leak is looked at.

use super::backends::{BACKENDS, run_tests};
use super::ending::{Stop, Work};
use super::leaks;
use super::rust::Rust;
use super::sanitizer::Sanitizer;
use crate::need::Need;
use crate::run::{cargo, run, target, with};
use crate::setup::set_up;

/// How many seconds a test under valgrind may wait.
const PATIENCE: &str = "300";

/// `AddressSanitizer`, and `LeakSanitizer` as each process ends: the tests' children,
/// too, and the examples that tests start.
pub fn address() -> Work<String> {
    let rust = Rust::find()?;
    let suppressions = leaks::list();
    run_tests(&BACKENDS, |features| {
        let mut examples = Sanitizer::Address.cargo(&rust, &["build", "--examples"])?;
        run(examples.args(with(features)))?;
        let mut test = Sanitizer::Address.cargo(&rust, &["test", "--no-fail-fast", "--tests"])?;
        test.args(with(features))
            .env("ASAN_OPTIONS", "detect_stack_use_after_return=1")
            .env(
                "LSAN_OPTIONS",
                format!(
                    "print_suppressions=0:suppressions={}",
                    suppressions.display()
                ),
            );
        Ok(test)
    })
}

/// Valgrind over the same programs but for `probe`, whose tests start the example
/// where valgrind does not follow. Nor does it follow the children of other tests.
pub fn memcheck() -> Work<String> {
    set_up(&[Need::Valgrind]).map_err(Stop::Lacks)?;
    let suppressions = target()?.join("check/valgrind.supp");
    leaks::write_for_valgrind(&suppressions)?;
    let valgrind = format!(
        // Threads are many, and each has its turn: what waits for another must not starve it.
        "valgrind -q --fair-sched=yes --max-threads=3000 --error-exitcode=99 --leak-check=full \
         --show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions={}",
        suppressions.display()
    );
    let runner = format!("CARGO_TARGET_{}_RUNNER", Rust::find()?.variable());
    run_tests(&BACKENDS, |features| {
        let mut test = cargo(&["test", "--no-fail-fast"]);
        for program in [
            "io_task", "contract", "drivers", "observe", "gtask", "tracing",
        ] {
            test.args(["--test", program]);
        }
        test.args(with(features))
            .env(&runner, &valgrind)
            .env("QIO_TASK_PATIENCE", PATIENCE)
            .args(["--", "--test-threads=4"]);
        Ok(test)
    })
}
