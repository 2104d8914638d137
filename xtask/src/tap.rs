//! Counting what a program prints about its tests, in the Test Anything Protocol.

use crate::counts::Counts;
use crate::run::Outcome;

/// What one program has said so far.
#[derive(Default)]
pub struct Tap {
    /// How many tests it has said that there are.
    planned: Option<u32>,
    told: Counts,
    /// Why it has given up, in its own words.
    bailed_out: Option<String>,
}

impl Tap {
    /// Counts what `line` says. That of a subtest, which is indented, says nothing new.
    pub fn see(&mut self, line: &str) {
        if let Some(planned) = line.strip_prefix("1..") {
            self.planned = planned.parse().ok();
        } else if let Some(why) = line.strip_prefix("Bail out!") {
            self.bailed_out.get_or_insert_with(|| why.trim().to_owned());
        } else if line.starts_with("not ok ") {
            self.told.failed += 1;
        } else if line.starts_with("ok ") {
            if line.contains("# SKIP") {
                self.told.ignored += 1;
            } else {
                self.told.passed += 1;
            }
        }
    }

    /// How its tests have ended, when it has. Those that it has not told of have failed:
    /// it crashed, or exited as if all were well. One that has given up has failed, too,
    /// whatever it has told afterwards: an old GLib goes on after a fatal message that a
    /// test lets pass.
    pub fn end(self) -> (Counts, Outcome) {
        let mut counts = self.told;
        let told = counts.passed + counts.failed + counts.ignored;
        let mut outcome = match self.planned {
            None => Err("it has not told how many tests there are".to_owned()),
            Some(planned) if planned == told => Ok(()),
            Some(planned) => {
                counts.failed += planned.saturating_sub(told);
                Err(format!("it has told of {told} tests of {planned}"))
            }
        };
        if let Some(why) = self.bailed_out {
            // In the test that it was in, which it may have called passed.
            if counts.failed == 0 && counts.passed > 0 {
                counts.passed -= 1;
                counts.failed += 1;
            }
            outcome = Err(format!("it has given up: {why}"));
        }
        (counts, outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(output: &str) -> (Counts, Outcome) {
        let mut tap = Tap::default();
        output.lines().for_each(|line| tap.see(line));
        tap.end()
    }

    fn counts(passed: u32, failed: u32, ignored: u32) -> Counts {
        Counts {
            passed,
            failed,
            ignored,
        }
    }

    #[test]
    fn each_test_is_counted_once() {
        let output = "# random seed: R02S\n1..4\n# Start of task tests\nok 1 /task/complete\n    \
                      ok 1 /sub\nnot ok 2 /task/wait\nok 3 /task/thread # SKIP no thread\n\
                      ok 4 /task/host\n# ok 5";
        assert_eq!(end(output), (counts(2, 1, 1), Ok(())));
    }

    #[test]
    fn a_program_that_gives_up_has_failed_whatever_it_tells_afterwards() {
        let output = "1..2\nok 1 /task/complete\nBail out! CRITICAL: too late\n\
                      ok 2 /task/wait\n";
        let given_up = Err("it has given up: CRITICAL: too late".to_owned());
        assert_eq!(end(output), (counts(1, 1, 0), given_up));
    }

    #[test]
    fn a_program_that_stops_early_does_not_look_well() {
        let (early, outcome) = end("1..3\nok 1 /task/complete\nBail out! It broke.\n");
        assert_eq!(early, counts(1, 2, 0));
        assert!(outcome.is_err());
        assert!(end("").1.is_err());
    }
}
