//! Task Gallery on other releases: what its tests there come to, and the table of all.

use std::time::Instant;

use super::super::ending::Work;
use super::super::rust::Toolchain;
use super::archive::Archive;
use super::root::Root;
use crate::counts::Counts;
use crate::run::{Outcome, run_seeing};
use crate::tally;

/// The backends, with the suites of `cargo xtask gallery --test` that run on each.
const BACKENDS: [(&str, [&str; 2]); 2] = [
    ("native", ["its parts, native", "in a window, native"]),
    ("gtask", ["its parts, gtask", "in a window, gtask"]),
];

/// What was seen of it on one release.
struct Windows<'a> {
    release: &'a str,
    /// The version of GTK there, if it came to be installed.
    gtk: Option<String>,
    has_passed: bool,
    suites: Vec<(String, Counts)>,
    minutes: f64,
}

/// Tests it on each of `releases`, also on those after one that fails, and prints a table.
pub fn look_at(releases: &[&str], archive: &Archive, toolchain: &Toolchain) -> Work<String> {
    let mut seen = Vec::new();
    for release in releases {
        let mut windows = Windows::none(release);
        let started = Instant::now();
        if let Err(why) = windows.test(archive, toolchain) {
            eprintln!("xtask: {release}: {why}");
        }
        windows.minutes = started.elapsed().as_secs_f64() / 60.0;
        seen.push(windows);
    }
    println!("\n{}", table(&seen));
    let failed: Vec<_> = seen.iter().filter(|windows| !windows.has_passed).collect();
    match failed.as_slice() {
        [] => Ok(summary(&seen)),
        failed => Err(summary(failed.iter().copied()).into()),
    }
}

impl<'a> Windows<'a> {
    fn none(release: &'a str) -> Self {
        Self {
            release,
            gtk: None,
            has_passed: false,
            suites: Vec::new(),
            minutes: 0.0,
        }
    }

    fn test(&mut self, archive: &Archive, toolchain: &Toolchain) -> Outcome {
        let root = Root::set_up(self.release, archive, toolchain)?;
        let mut test = root.command(&["cargo", "xtask", "gallery", "--test"]);
        let tested = run_seeing(&mut test, |line| self.see(line));
        self.has_passed = tested.is_ok();
        self.gtk = root.version("gtk4");
        tested
    }

    /// Takes `line` of what the test prints, if it is what a suite comes to.
    fn see(&mut self, line: &str) {
        if let Some((suite, counts)) = tally::parse(line) {
            self.suites.push((suite.to_owned(), counts));
        }
    }

    /// What the suite of this name comes to.
    fn tests(&self, suite: &str) -> String {
        match self.suites.iter().find(|(name, _)| name == suite) {
            None => "NOT RUN".to_owned(),
            Some((_, Counts { passed, failed, .. })) if *failed > 0 => {
                format!("{passed} passed, {failed} FAILED")
            }
            Some((_, Counts { passed, .. })) => format!("{passed} passed"),
        }
    }

    fn gtk(&self) -> &str {
        self.gtk.as_deref().unwrap_or("none")
    }

    fn rows(&self) -> impl Iterator<Item = String> {
        BACKENDS.into_iter().map(|(backend, [parts, window])| {
            format!(
                "| {} | {} | {backend} | {} | {} | {:.0} |",
                self.release,
                self.gtk(),
                self.tests(parts),
                self.tests(window),
                self.minutes
            )
        })
    }
}

/// A row for each backend on each release, as documentation shows it.
fn table(seen: &[Windows]) -> String {
    let mut lines = vec![
        "| Debian | GTK | backend | parts of the gallery | in a window | minutes, both backends |"
            .to_owned(),
        "|---|---|---|---|---|--:|".to_owned(),
    ];
    lines.extend(seen.iter().flat_map(Windows::rows));
    lines.join("\n")
}

/// The releases in a few words.
fn summary<'a>(seen: impl IntoIterator<Item = &'a Windows<'a>>) -> String {
    let words = seen
        .into_iter()
        .map(|windows| format!("{} (GTK {})", windows.release, windows.gtk()));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_failed_or_not_run_does_not_look_passed() {
        let mut windows = Windows::none("sid");
        windows.gtk = Some("4.24.1".to_owned());
        for line in [
            "test result: ok. 8 passed; 0 failed; 0 ignored",
            "its parts, native: 8 passed, 0 failed, 0 ignored",
            "in a window, native: 63 passed, 0 failed, 0 ignored",
            "in a window, gtask: 62 passed, 1 failed, 0 ignored",
        ] {
            windows.see(line);
        }
        let table = table(&[windows]);
        let rows: Vec<_> = table.lines().skip(2).collect();
        let expected = [
            "| sid | 4.24.1 | native | 8 passed | 63 passed | 0 |",
            "| sid | 4.24.1 | gtask | NOT RUN | 62 passed, 1 FAILED | 0 |",
        ];
        assert_eq!(rows, expected);
    }
}
