//! What the programs have measured, and the table of all.

use super::super::ending::{Stop, Work, of_parts};

/// What a program prints of a loop in which all was told.
const MEASURED: &str = "# | ";

/// What was seen on both backends.
#[derive(Default)]
pub struct Report {
    /// Each with its backend.
    rows: Vec<(&'static str, String)>,
    failed: Vec<String>,
    left_out: Vec<(&'static str, Stop)>,
}

impl Report {
    /// Takes `line` of what a program prints, if it is what it has measured.
    pub fn see(&mut self, backend: &'static str, line: &str) {
        if let Some(row) = line.strip_prefix(MEASURED) {
            self.rows.push((backend, row.to_owned()));
        }
    }

    pub fn fail(&mut self, backend: &str, toolkit: &str) {
        self.failed.push(format!("{toolkit} ({backend})"));
    }

    /// Notes why nothing was seen of `toolkit`.
    pub fn leave_out(&mut self, toolkit: &'static str, why: Stop) {
        self.left_out.push((toolkit, why));
    }

    /// A row for each loop on each backend, as documentation shows it.
    pub fn table(&self) -> String {
        let mut lines = vec![
            "| backend | loop | told after, median | worst | cancelled | timed out |".to_owned(),
            "|---|---|--:|--:|--:|--:|".to_owned(),
        ];
        let row = |(backend, row): &(&str, String)| format!("| {backend} | {row}");
        lines.extend(self.rows.iter().map(row));
        lines.join("\n")
    }

    /// Nothing that has failed, or could not be had, is passed over.
    pub fn end(self) -> Work<String> {
        let mut words = vec![format!("{} loops", self.rows.len())];
        if !self.failed.is_empty() {
            words.push(format!("FAILED: {}", self.failed.join(", ")));
        }
        of_parts(words, !self.failed.is_empty(), self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let mut report = Report::default();
        for line in ["1..1", "# | Qt 6: timer | 50 | 101 | 70 | 60 |", "ok 1 Qt"] {
            report.see("gtask", line);
        }
        report
    }

    #[test]
    fn what_was_measured_is_a_row() {
        let table = report().table();
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(rows, ["| gtask | Qt 6: timer | 50 | 101 | 70 | 60 |"]);
    }

    #[test]
    fn what_this_system_can_not_have_is_left_out_in_plain_sight() {
        let mut report = report();
        report.leave_out("libdex", Stop::Nothing("there is none".to_owned()));
        let words = "1 loops; left out: libdex, there is none";
        assert_eq!(report.end(), Ok(words.to_owned()));
    }

    #[test]
    fn what_was_not_set_up_or_has_failed_does_not_look_passed() {
        let mut lacking = report();
        lacking.leave_out("Qt", Stop::Lacks("no network".to_owned()));
        assert!(matches!(lacking.end(), Err(Stop::Lacks(_))));
        let mut failed = report();
        failed.leave_out("Qt", Stop::Lacks("no network".to_owned()));
        failed.fail("native", "GTK");
        assert!(matches!(failed.end(), Err(Stop::Failed(_))));
    }
}
