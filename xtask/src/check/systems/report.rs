//! What was seen on each release, and the table of all.

use std::time::Instant;

use crate::counts::Counts;
use crate::tally;

/// The backends, with the suites of `cargo xtask test` that run on each.
const BACKENDS: [(&str, &[&str]); 2] = [
    ("native", &["native", "C, native"]),
    ("gtask", &["gtask", "tracing", "C, gtask"]),
];

/// What was seen on one release.
pub struct Report<'a> {
    pub release: &'a str,
    /// The version of GLib there, if it came to be installed.
    pub glib: Option<String>,
    pub has_passed_tests: bool,
    pub has_passed_model: bool,
    suites: Vec<(String, Counts)>,
    started: Instant,
    minutes: f64,
}

impl<'a> Report<'a> {
    pub fn new(release: &'a str) -> Self {
        Self {
            release,
            glib: None,
            has_passed_tests: false,
            has_passed_model: false,
            suites: Vec::new(),
            started: Instant::now(),
            minutes: 0.0,
        }
    }

    /// Takes `line` of what the test prints, if it is what a suite comes to.
    pub fn see(&mut self, line: &str) {
        if let Some((suite, counts)) = tally::parse(line) {
            self.suites.push((suite.to_owned(), counts));
        }
    }

    /// Notes that there is no more to be seen.
    pub fn end(&mut self) {
        self.minutes = self.started.elapsed().as_secs_f64() / 60.0;
    }

    pub fn is_well(&self) -> bool {
        self.has_passed_tests && self.has_passed_model
    }

    /// What the tests of one backend come to.
    fn tests(&self, suites: &[&str]) -> String {
        let mut total = Counts::default();
        let mut missing = 0;
        for suite in suites {
            match self.suites.iter().find(|(name, _)| name == suite) {
                Some((_, counts)) => total += *counts,
                None => missing += 1,
            }
        }
        let Counts { passed, failed, .. } = total;
        let mut words = vec![format!("{passed} passed")];
        if failed > 0 {
            words.push(format!("{failed} FAILED"));
        }
        if missing > 0 {
            words.push("NOT ALL RUN".to_owned());
        }
        words.join(", ")
    }

    fn rows(&self) -> impl Iterator<Item = String> {
        BACKENDS.into_iter().map(|(backend, suites)| {
            let model = if self.has_passed_model {
                "passed"
            } else {
                "FAILED"
            };
            format!(
                "| {} | {} | {backend} | {} | {model} | {:.0} |",
                self.release,
                self.glib.as_deref().unwrap_or("none"),
                self.tests(suites),
                self.minutes
            )
        })
    }
}

/// A row for each backend on each release, as documentation shows it.
pub fn table(reports: &[Report]) -> String {
    let mut lines = vec![
        "| Debian | GLib | backend | tests | model | minutes, both backends |".to_owned(),
        "|---|---|---|---|---|--:|".to_owned(),
    ];
    lines.extend(reports.iter().flat_map(Report::rows));
    lines.join("\n")
}

/// The releases in a few words.
pub fn summary<'a>(reports: impl IntoIterator<Item = &'a Report<'a>>) -> String {
    let words = reports.into_iter().map(|report| {
        let glib = report.glib.as_deref().unwrap_or("none");
        format!("{} (GLib {glib})", report.release)
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(lines: &[&str], is_well: bool) -> Report<'static> {
        let mut report = Report::new("sid");
        report.glib = is_well.then(|| "2.90.1".to_owned());
        report.has_passed_tests = is_well;
        report.has_passed_model = is_well;
        for line in lines {
            report.see(line);
        }
        report
    }

    #[test]
    fn a_backend_passes_with_all_of_its_suites() {
        let report = report(
            &[
                "test result: ok. 9 passed; 0 failed; 0 ignored",
                "xtask: 9 passed, 0 failed, 0 ignored",
                "native: 3 passed, 0 failed, 0 ignored",
                "gtask: 3 passed, 0 failed, 0 ignored",
                "tracing: 1 passed, 0 failed, 0 ignored",
                "C, native: 2 passed, 0 failed, 0 ignored",
                "C, gtask: 2 passed, 0 failed, 0 ignored",
            ],
            true,
        );
        let table = table(&[report]);
        let rows: Vec<_> = table.lines().skip(2).collect();
        let expected = [
            "| sid | 2.90.1 | native | 5 passed | passed | 0 |",
            "| sid | 2.90.1 | gtask | 6 passed | passed | 0 |",
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn what_has_failed_or_not_run_does_not_look_passed() {
        let report = report(
            &[
                "native: 3 passed, 1 failed, 0 ignored",
                "C, native: not run: no compiler",
                "gtask: 3 passed, 0 failed, 0 ignored",
                "tracing: 3 passed, 0 failed, 0 ignored",
                "C, gtask: 1 passed, 1 failed, 0 ignored",
            ],
            false,
        );
        assert!(!report.is_well());
        let table = table(&[report]);
        let rows: Vec<_> = table.lines().skip(2).collect();
        let expected = [
            "| sid | none | native | 3 passed, 1 FAILED, NOT ALL RUN | FAILED | 0 |",
            "| sid | none | gtask | 7 passed, 1 FAILED | FAILED | 0 |",
        ];
        assert_eq!(rows, expected);
    }
}
