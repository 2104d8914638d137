//! Counting what a program prints about its tests, in the Test Anything Protocol.

use crate::counts::Counts;
use crate::run::Outcome;

/// What one program has said so far.
#[derive(Default)]
pub struct Tap {
    /// How many tests it has said that there are.
    planned: Option<u32>,
    pub counts: Counts,
}

impl Tap {
    /// Counts what `line` says. That of a subtest, which is indented, says nothing new.
    pub fn see(&mut self, line: &str) {
        if let Some(planned) = line.strip_prefix("1..") {
            self.planned = planned.parse().ok();
        } else if line.starts_with("not ok ") {
            self.counts.failed += 1;
        } else if line.starts_with("ok ") {
            if line.contains("# SKIP") {
                self.counts.ignored += 1;
            } else {
                self.counts.passed += 1;
            }
        }
    }

    /// Whether it has told of every test, and no more: a program that exits early looks
    /// as if all were well.
    pub fn complete(&self) -> Outcome {
        let Counts {
            passed,
            failed,
            ignored,
        } = self.counts;
        let told = passed + failed + ignored;
        match self.planned {
            Some(planned) if planned == told => Ok(()),
            Some(planned) => Err(format!("it has told of {told} tests of {planned}")),
            None => Err("it has not told how many tests there are".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(output: &str) -> Tap {
        let mut tap = Tap::default();
        output.lines().for_each(|line| tap.see(line));
        tap
    }

    #[test]
    fn each_test_is_counted_once() {
        let tap = seen(
            "# random seed: R02S\n1..4\n# Start of task tests\nok 1 /task/complete\n    ok 1 /sub\n\
             not ok 2 /task/wait\nok 3 /task/thread # SKIP no thread\nok /task/host\n# ok 5",
        );
        let counts = Counts {
            passed: 2,
            failed: 1,
            ignored: 1,
        };
        assert_eq!(tap.counts, counts);
        assert_eq!(tap.complete(), Ok(()));
    }

    #[test]
    fn a_program_that_stops_early_does_not_look_well() {
        assert!(seen("1..2\nok 1 /task/complete\n").complete().is_err());
        assert!(seen("").complete().is_err());
    }
}
