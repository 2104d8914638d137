//! What was seen on each platform, and the table of all.

use super::super::ending::{Stop, Work, of_parts};
use crate::counts::Counts;
use crate::run::Outcome;

/// What was seen, and what could not be.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    left_out: Vec<(&'static str, Stop)>,
}

struct Row {
    platform: String,
    /// The versions of what it was built with, and runs on.
    with: String,
    what: String,
    seen: Result<String, String>,
}

impl Report {
    /// Adds how `what` has ended: with `well`, or why not.
    pub fn take(&mut self, platform: &str, with: &str, what: &str, ended: Outcome, well: &str) {
        if let Err(why) = &ended {
            eprintln!("xtask: {platform}: {what}: FAILED: {}", reason(why));
        }
        self.rows.push(Row {
            platform: platform.to_owned(),
            with: with.to_owned(),
            what: what.to_owned(),
            seen: ended.map(|()| well.to_owned()),
        });
    }

    /// Adds what a suite has counted.
    pub fn count(
        &mut self,
        platform: &str,
        with: &str,
        what: &str,
        (counts, ended): (Counts, Outcome),
    ) {
        let passed = format!("{} passed", counts.passed);
        let ended = ended.map_err(|why| match counts.failed {
            0 => why,
            failed => format!("{passed}, {failed} FAILED: {why}"),
        });
        self.take(platform, with, what, ended, &passed);
    }

    /// Notes why nothing was seen in `part`, or why it has stopped.
    pub fn leave_out(&mut self, part: &'static str, why: Stop) {
        self.left_out.push((part, why));
    }

    /// A row for each, as documentation shows it.
    pub fn table(&self) -> String {
        let mut lines = vec![
            "| platform | with | what | |".to_owned(),
            "|---|---|---|---|".to_owned(),
        ];
        lines.extend(self.rows.iter().map(|row| {
            let seen = match &row.seen {
                Ok(well) => well,
                // Why, is said above.
                Err(_) => "FAILED",
            };
            format!(
                "| {} | {} | {} | {seen} |",
                row.platform, row.with, row.what
            )
        }));
        lines.join("\n")
    }

    /// Nothing that has failed, or could not be had, is passed over.
    pub fn end(self) -> Work<String> {
        let failed: Vec<_> = self
            .rows
            .iter()
            .filter(|row| row.seen.is_err())
            .map(|row| format!("{}, {}", row.platform, row.what))
            .collect();
        let mut words = vec![format!(
            "{} of {} as they should be",
            self.rows.len() - failed.len(),
            self.rows.len()
        )];
        if !failed.is_empty() {
            words.push(format!("FAILED: {}", failed.join("; ")));
        }
        of_parts(words, !failed.is_empty(), self.left_out)
    }
}

/// `why` without the command, which is said above and has so many variables that nobody would
/// find what comes after them.
fn reason(why: &str) -> &str {
    why.rsplit_once("` ")
        .map_or(why, |(_command, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(failed: u32) -> Report {
        let mut report = Report::default();
        report.take("macOS", "Rust 1.96.0", "library", Ok(()), "compiles");
        let counts = Counts {
            passed: 7,
            failed,
            ignored: 0,
        };
        let ended = match failed {
            0 => Ok(()),
            _ => Err("it broke".to_owned()),
        };
        report.count("Windows", "Wine 8.0", "contract", (counts, ended));
        report
    }

    #[test]
    fn a_platform_has_a_row_for_each_thing_that_was_looked_at() {
        let rows = |failed| {
            let table = report(failed).table();
            table.lines().skip(2).map(str::to_owned).collect::<Vec<_>>()
        };
        let types = "| macOS | Rust 1.96.0 | library | compiles |";
        let passed = "| Windows | Wine 8.0 | contract | 7 passed |";
        assert_eq!(rows(0), [types, passed]);
        let failed = "| Windows | Wine 8.0 | contract | FAILED |";
        assert_eq!(rows(1), [types, failed]);
    }

    #[test]
    fn a_reason_goes_without_its_command() {
        assert_eq!(
            reason("`A=b cargo test` failed: exit status: 1"),
            "failed: exit status: 1"
        );
        assert_eq!(reason("no test ran"), "no test ran");
    }

    #[test]
    fn what_failed_or_could_not_be_had_does_not_look_passed() {
        assert!(report(0).end().is_ok());
        let why = report(1).end().unwrap_err();
        assert!(matches!(why, Stop::Failed(why) if why.contains("FAILED: Windows, contract")));
        let mut report = report(0);
        report.leave_out("windows", Stop::Lacks("no Wine".to_owned()));
        let why = report.end().unwrap_err();
        assert!(matches!(why, Stop::Lacks(why) if why.contains("left out: windows, no Wine")));
    }
}
