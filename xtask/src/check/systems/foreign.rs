//! The stage `loops` on other releases, whose toolkits are newer: what is measured there,
//! and the table of all.

use super::super::ending::Work;
use super::super::rust::Toolchain;
use super::archive::Archive;
use super::root::Root;
use crate::run::run_seeing;

/// What a row of that stage's table begins with.
const ROWS: [&str; 2] = ["| native |", "| gtask |"];

/// Runs it on each of `releases`, also on those after one that fails, and prints a table.
pub fn look_at(releases: &[&str], archive: &Archive, toolchain: &Toolchain) -> Work<String> {
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for release in releases {
        let mut look = || {
            let root = Root::set_up(release, archive, toolchain)?;
            let mut check = root.command(&["cargo", "xtask", "check", "loops"]);
            run_seeing(&mut check, |line| rows.extend(row(release, line)))
        };
        if let Err(why) = look() {
            eprintln!("xtask: {release}: {why}");
            failed.push(*release);
        }
    }
    println!(
        "\n| Debian | backend | loop | told after, median | worst | cancelled | timed out |\n\
         |---|---|---|--:|--:|--:|--:|\n{}",
        rows.join("\n")
    );
    match failed.as_slice() {
        [] => Ok(format!("{} loops: {}", rows.len(), releases.join(", "))),
        failed => Err(failed.join(", ").into()),
    }
}

/// `line` of what the stage prints as a row of the table, if it is one.
fn row(release: &str, line: &str) -> Option<String> {
    let is_row = ROWS.iter().any(|start| line.starts_with(start));
    is_row.then(|| format!("| {release} {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_measured_is_a_row() {
        assert_eq!(
            row(
                "sid",
                "| gtask | libdex 1.2.0: fibers | 50 | 101 | 70 | 60 |"
            )
            .as_deref(),
            Some("| sid | gtask | libdex 1.2.0: fibers | 50 | 101 | 70 | 60 |")
        );
        assert_eq!(row("sid", "| backend | loop |"), None);
        assert_eq!(row("sid", "# | libdex 1.2.0: fibers | 50 |"), None);
    }
}
