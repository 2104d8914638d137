//! The counts of several suites, and of all.

use std::fmt;

use crate::counts::Counts;
use crate::run::Outcome;

/// What each suite has counted, or why it was not run, in the order in which they came.
#[derive(Default)]
pub struct Tally(Vec<(String, Outcome<Counts>)>);

impl Tally {
    /// Adds what `suite` has counted, however it has ended, and tells how.
    pub fn take(
        &mut self,
        suite: impl Into<String>,
        (counts, outcome): (Counts, Outcome),
    ) -> Outcome {
        self.0.push((suite.into(), Ok(counts)));
        outcome
    }

    /// Notes that `suite` was not run.
    pub fn leave_out(&mut self, suite: impl Into<String>, why: String) {
        self.0.push((suite.into(), Err(why)));
    }

    /// Prints it, unless nothing ran.
    pub fn print(&self) {
        if !self.0.is_empty() {
            println!("\n{self}");
        }
    }
}

/// A line for each suite, and one for all.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut total = Counts::default();
        for (suite, counts) in &self.0 {
            match counts {
                Ok(counts) => {
                    writeln!(f, "{suite}: {counts}")?;
                    total += *counts;
                }
                Err(why) => writeln!(f, "{suite}: not run: {why}")?,
            }
        }
        write!(f, "{} passed, {} failed", total.passed, total.failed)
    }
}

/// The suite and its counts, of a line that a [`Tally`] has printed.
pub fn parse(line: &str) -> Option<(&str, Counts)> {
    let (suite, rest) = line.split_once(": ")?;
    let mut numbers = rest.split(", ").zip(["passed", "failed", "ignored"]);
    let mut next = || {
        let (part, word) = numbers.next()?;
        part.strip_suffix(word)?.trim_end().parse().ok()
    };
    let counts = Counts {
        passed: next()?,
        failed: next()?,
        ignored: next()?,
    };
    (format!("{suite}: {counts}") == line).then_some((suite, counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_add_up() {
        let counts = |passed, failed| Counts {
            passed,
            failed,
            ignored: 0,
        };
        let broke = Err("it broke".to_owned());
        let mut tally = Tally::default();
        assert_eq!(tally.take("native", (counts(3, 0), Ok(()))), Ok(()));
        assert_eq!(
            tally.take("C, native", (counts(2, 1), broke.clone())),
            broke
        );
        tally.leave_out("C, gtask", "no compiler".to_owned());
        let lines = "native: 3 passed, 0 failed, 0 ignored\n\
                     C, native: 2 passed, 1 failed, 0 ignored\n\
                     C, gtask: not run: no compiler\n5 passed, 1 failed";
        assert_eq!(tally.to_string(), lines);
        let told: Vec<_> = lines.lines().filter_map(parse).collect();
        assert_eq!(
            told,
            [("native", counts(3, 0)), ("C, native", counts(2, 1))]
        );
    }
}
