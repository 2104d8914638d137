//! How a stage has ended, and the table of all.

use std::fmt;
use std::time::Duration;

/// What a stage comes to, or what keeps it from that.
pub type Work<T> = Result<T, Stop>;

/// Why a stage has not passed.
#[derive(Debug, PartialEq, Eq)]
pub enum Stop {
    /// It has found something, or broke.
    Failed(String),
    /// It could not run: what it lacks, and how to get it.
    Lacks(String),
    /// There is nothing to look at, on this machine or not yet.
    Nothing(String),
}

impl From<String> for Stop {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// What a stage of several parts comes to, in `words` about those that have run, one of which
/// may be broken. Those that were left out are told of, each with the reason: nothing that has
/// failed, or could not be had, is passed over.
pub fn of_parts(
    mut words: Vec<String>,
    is_any_broken: bool,
    left_out: Vec<(&str, Stop)>,
) -> Work<String> {
    let (mut lacks, mut broke) = (false, is_any_broken);
    for (part, why) in left_out {
        let why = match why {
            Stop::Nothing(why) => why,
            Stop::Lacks(why) => {
                lacks = true;
                why
            }
            Stop::Failed(why) => {
                broke = true;
                why
            }
        };
        words.push(format!("left out: {part}, {why}"));
    }
    let words = words.join("; ");
    match (broke, lacks) {
        (true, _) => Err(Stop::Failed(words)),
        (false, true) => Err(Stop::Lacks(words)),
        (false, false) => Ok(words),
    }
}

/// A stage that has ended.
pub struct Ending {
    stage: &'static str,
    result: Work<String>,
    took: Duration,
}

impl Ending {
    pub fn new(stage: &'static str, result: Work<String>, took: Duration) -> Self {
        Self {
            stage,
            result,
            took,
        }
    }

    /// Whether the whole may still pass: not where a stage has failed, nor where one has
    /// shown nothing for want of a tool.
    pub fn is_well(&self) -> bool {
        matches!(self.result, Ok(_) | Err(Stop::Nothing(_)))
    }

    fn word(&self) -> &'static str {
        match self.result {
            Ok(_) => "passed",
            Err(Stop::Failed(_)) => "FAILED",
            Err(Stop::Lacks(_)) => "NOT RUN",
            Err(Stop::Nothing(_)) => "not run",
        }
    }

    fn note(&self) -> &str {
        match &self.result {
            Ok(note) | Err(Stop::Failed(note) | Stop::Lacks(note) | Stop::Nothing(note)) => note,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, took, .. } = self;
        let seconds = took.as_secs_f64();
        write!(
            f,
            "{stage:14} {word:8} {seconds:6.0} s  {note}",
            word = self.word(),
            note = self.note()
        )
    }
}

/// One line for each stage, and one for all.
pub fn table(endings: &[Ending]) -> String {
    let mut lines: Vec<String> = endings.iter().map(Ending::to_string).collect();
    let count = |word| {
        endings
            .iter()
            .filter(|ending| ending.word() == word)
            .count()
    };
    let took: Duration = endings.iter().map(|ending| ending.took).sum();
    lines.push(format!(
        "{} passed, {} failed, {} not run for want of a tool, {} with nothing to look at; {:.1} min",
        count("passed"),
        count("FAILED"),
        count("NOT RUN"),
        count("not run"),
        took.as_secs_f64() / 60.0
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endings() -> [Ending; 4] {
        let ending = |stage, result| Ending::new(stage, result, Duration::from_secs(45));
        [
            ending("model", Ok("200,000 programs".to_owned())),
            ending("faults", Err("`cargo test` failed".to_owned().into())),
            ending("memcheck", Err(Stop::Lacks("no valgrind".to_owned()))),
            ending("semver", Err(Stop::Nothing("no release".to_owned()))),
        ]
    }

    #[test]
    fn a_stage_that_could_not_run_does_not_look_passed() {
        let well = endings().map(|ending| ending.is_well());
        assert_eq!(well, [true, false, false, true]);
    }

    #[test]
    fn the_table_says_how_each_has_ended() {
        assert_eq!(
            table(&endings()),
            "\
model          passed       45 s  200,000 programs
faults         FAILED       45 s  `cargo test` failed
memcheck       NOT RUN      45 s  no valgrind
semver         not run      45 s  no release
1 passed, 1 failed, 1 not run for want of a tool, 1 with nothing to look at; 3.0 min"
        );
    }
}
