//! Counting what `cargo test` reports.

use std::fmt;
use std::ops::AddAssign;
use std::process::Command;

use crate::run::{Outcome, run_seeing};

/// How many tests ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u32,
    pub failed: u32,
    pub ignored: u32,
}

impl Counts {
    /// Runs `test`, a command of cargo, and counts what it reports; with how it ended.
    pub fn of(test: &mut Command) -> (Self, Outcome) {
        let mut counts = Self::default();
        let outcome = run_seeing(test, |line| {
            if let Some(more) = Self::parse(line) {
                counts += more;
            }
        });
        (counts, outcome.and_then(|()| counts.complete()))
    }

    /// A test that does not run tells nothing, and must not look like one that passed.
    pub fn complete(self) -> Outcome {
        match self {
            Self { passed: 0, .. } => Err("no test ran".to_owned()),
            Self { ignored: 0, .. } => Ok(()),
            Self { ignored, .. } => Err(format!("{ignored} ignored: each test must run")),
        }
    }

    /// The counts of a line such as `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub fn parse(line: &str) -> Option<Self> {
        let (_verdict, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |what: &str| {
            counts.split("; ").find_map(|part| {
                let (number, word) = part.split_once(' ')?;
                (word == what).then(|| number.parse().ok())?
            })
        };
        Some(Self {
            passed: count("passed")?,
            failed: count("failed")?,
            ignored: count("ignored")?,
        })
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.ignored += more.ignored;
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            ignored,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {ignored} ignored")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_line_is_counted() {
        let line = "test result: ok. 143 passed; 0 failed; 2 ignored; 0 measured; 1 filtered out; \
                    finished in 0.03s";
        assert_eq!(
            Counts::parse(line),
            Some(Counts {
                passed: 143,
                failed: 0,
                ignored: 2
            })
        );
    }

    #[test]
    fn a_failed_run_is_counted_too() {
        let line = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered \
                    out; finished in 0.00s";
        assert_eq!(
            Counts::parse(line),
            Some(Counts {
                passed: 1,
                failed: 2,
                ignored: 0
            })
        );
    }

    #[test]
    fn other_lines_are_not() {
        for line in [
            "",
            "running 3 tests",
            "test a_test ... ok",
            "test result: ok. some passed; 0 failed; 0 ignored",
            "  test result: ok. 1 passed; 0 failed; 0 ignored",
        ] {
            assert_eq!(Counts::parse(line), None, "{line}");
        }
    }

    fn counts(passed: u32, ignored: u32) -> Counts {
        Counts {
            passed,
            failed: 0,
            ignored,
        }
    }

    #[test]
    fn an_ignored_test_fails_the_suite() {
        assert_eq!(counts(3, 0).complete(), Ok(()));
        assert!(counts(3, 1).complete().is_err());
    }

    #[test]
    fn a_suite_without_tests_fails() {
        assert!(counts(0, 0).complete().is_err());
    }

    #[test]
    fn what_a_command_reports_is_counted() {
        let mut test = Command::new("printf");
        test.arg("test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured\\n");
        assert_eq!(Counts::of(&mut test), (counts(2, 0), Ok(())));
    }

    #[test]
    fn counts_add_up() {
        let mut total = Counts::default();
        for line in [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured",
        ] {
            total += Counts::parse(line).unwrap();
        }
        assert_eq!(total.to_string(), "7 passed, 2 failed, 1 ignored");
    }
}
