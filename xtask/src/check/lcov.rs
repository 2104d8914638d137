//! What a run has reached, file by file: the format of `lcov`.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The files by their paths.
pub struct Reached(BTreeMap<String, File>);

#[derive(Default)]
struct File {
    /// How often each line has run.
    lines: BTreeMap<u32, u64>,
    /// How often each branch has been taken: its line, and its name there.
    branches: BTreeMap<(u32, String), u64>,
}

/// How many there are, and how many of them were reached.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Share {
    pub reached: usize,
    pub all: usize,
}

impl Share {
    fn of<'a>(counts: impl Iterator<Item = &'a u64>) -> Self {
        counts.fold(Self::default(), |share, count| Self {
            reached: share.reached + usize::from(*count > 0),
            all: share.all + 1,
        })
    }

    fn plus(self, other: Self) -> Self {
        Self {
            reached: self.reached + other.reached,
            all: self.all + other.all,
        }
    }

    /// In percent; of nothing, all has been reached.
    #[allow(clippy::cast_precision_loss, reason = "these are small")]
    pub fn percent(self) -> f64 {
        match self.all {
            0 => 100.0,
            all => self.reached as f64 * 100.0 / all as f64,
        }
    }
}

impl Reached {
    /// Of the files below `folder` alone.
    pub fn parse(lcov: &str, folder: &str) -> Self {
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        let mut file = None;
        for line in lcov.lines() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            if key == "SF" {
                let name = value.strip_prefix(folder);
                file = name.map(|name| files.entry(name.to_owned()).or_default());
            } else if let Some(file) = &mut file {
                file.note(key, value);
            }
        }
        Self(files)
    }

    pub fn lines(&self) -> Share {
        self.total(File::line_share)
    }

    pub fn branches(&self) -> Share {
        self.total(File::branch_share)
    }

    fn total(&self, share: impl Fn(&File) -> Share) -> Share {
        self.0
            .values()
            .map(share)
            .fold(Share::default(), Share::plus)
    }

    /// A line for each file, and one for all.
    pub fn table(&self) -> String {
        let mut table = format!("{:20} {:>16} {:>16}\n", "", "lines", "branches");
        let mut row = |name: &str, lines, branches| {
            let [lines, branches] = [lines, branches].map(|share: Share| {
                format!("{}/{} {:5.1} %", share.reached, share.all, share.percent())
            });
            let _ = writeln!(table, "{name:20} {lines:>16} {branches:>16}");
        };
        for (name, file) in &self.0 {
            row(name, file.line_share(), file.branch_share());
        }
        row("all", self.lines(), self.branches());
        table
    }

    /// What was never reached: ranges of lines, and branches of lines that were.
    pub fn unreached(&self) -> String {
        let mut list = String::new();
        for (name, file) in &self.0 {
            for (first, last) in file.unreached_lines() {
                let _ = match last - first {
                    0 => writeln!(list, "{name}:{first}"),
                    _ => writeln!(list, "{name}:{first}-{last}"),
                };
            }
            for (line, untaken, all) in file.untaken_branches() {
                let _ = writeln!(list, "{name}:{line} {untaken} of {all} branches");
            }
        }
        list
    }
}

impl File {
    /// What generic code has done is told for each of its types: any one counts.
    fn note(&mut self, key: &str, value: &str) {
        let fields: Vec<&str> = value.split(',').collect();
        match (key, fields.as_slice()) {
            ("DA", [line, count, ..]) => {
                if let (Ok(line), Ok(count)) = (line.parse(), count.parse::<u64>()) {
                    let most = self.lines.entry(line).or_default();
                    *most = count.max(*most);
                }
            }
            ("BRDA", [line, block, branch, count]) => {
                if let Ok(line) = line.parse() {
                    let branch = (line, format!("{block},{branch}"));
                    let most = self.branches.entry(branch).or_default();
                    // A dash, where the line itself has never run.
                    *most = count.parse().unwrap_or(0).max(*most);
                }
            }
            _ => {}
        }
    }

    fn line_share(&self) -> Share {
        Share::of(self.lines.values())
    }

    fn branch_share(&self) -> Share {
        Share::of(self.branches.values())
    }

    fn unreached_lines(&self) -> Vec<(u32, u32)> {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for line in self.lines.iter().filter(|(_, count)| **count == 0) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == *line.0 => *last = *line.0,
                _ => ranges.push((*line.0, *line.0)),
            }
        }
        ranges
    }

    /// Lines that run, and of whose branches some were never taken; and how many.
    fn untaken_branches(&self) -> Vec<(u32, usize, usize)> {
        let runs = |line: &u32| self.lines.get(line).is_none_or(|count| *count > 0);
        let mut lines: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
        for ((line, _), count) in &self.branches {
            let (untaken, all) = lines.entry(*line).or_default();
            *untaken += usize::from(*count == 0);
            *all += 1;
        }
        lines
            .into_iter()
            .filter(|(line, (untaken, _))| *untaken > 0 && runs(line))
            .map(|(line, (untaken, all))| (line, untaken, all))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LCOV: &str = "\
SF:/q/src/task.rs
DA:1,3
DA:2,0
DA:3,0
DA:5,0
DA:7,1
BRDA:1,0,0,4
BRDA:1,0,1,0
BRDA:2,0,0,-
end_of_record
SF:/q/src/task.rs
DA:5,2
end_of_record
SF:/q/tests/io_task.rs
DA:1,0
end_of_record
";

    #[test]
    fn only_files_of_the_folder_count_and_any_type_of_generic_code() {
        let reached = Reached::parse(LCOV, "/q/src/");
        assert_eq!(reached.lines(), Share { reached: 3, all: 5 });
        assert_eq!(reached.branches(), Share { reached: 1, all: 3 });
        assert!(reached.table().contains("task.rs"));
        assert!(!reached.table().contains("io_task.rs"));
    }

    #[test]
    fn what_was_never_reached_is_listed() {
        let list = Reached::parse(LCOV, "/q/src/").unreached();
        assert_eq!(list, "task.rs:2-3\ntask.rs:1 1 of 2 branches\n");
    }

    #[test]
    fn a_share_of_nothing_is_whole() {
        let percent = |reached, all| Share { reached, all }.percent();
        assert!((percent(0, 0) - 100.0).abs() < f64::EPSILON);
        assert!((percent(1, 4) - 25.0).abs() < f64::EPSILON);
    }
}
