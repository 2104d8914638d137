//! The floors of the library, and what they forbid.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::imports::{Imports, Reason};
use crate::rings::{parts, rings};

/// The folders of a crate, from the lowest floor to the highest; a file that is in none is
/// its own. The crate's root is above all.
pub struct Floors {
    pub folders: &'static [&'static [&'static str]],
    /// Files and folders that are yet to be moved, and where they count as being.
    pub moving: &'static [(&'static str, &'static str)],
}

/// Those of `src`.
pub const LIBRARY: Floors = Floors {
    folders: &[
        &["base", "context", "error"],
        &["node"],
        &["task", "observe"],
        // The guide is a text, and imports nothing.
        &["capi", "guide"],
    ],
    moving: &[],
};

/// The root's own name for a folder.
const ROOT: &str = "lib";

impl Floors {
    /// What is wrong with `files`, which import each other as `imports` say.
    pub fn findings<'a>(
        &self,
        files: impl Iterator<Item = &'a Path>,
        imports: &Imports,
    ) -> Vec<String> {
        let unknown = files.filter(|file| self.floor(self.folder(file)).is_none());
        let mut findings: Vec<String> = unknown
            .map(|file| {
                format!(
                    "{0} is on no floor: move it into a folder that has one, or give `{1}` one \
                     in xtask/tests/floors/table.rs",
                    file.display(),
                    self.folder(file)
                )
            })
            .collect();
        let mut beside = BTreeMap::new();
        for ((from, to), reason) in imports {
            let (here, there) = (self.folder(from), self.folder(to));
            let (Some(low), Some(high)) = (self.floor(here), self.floor(there)) else {
                continue;
            };
            let Reason { line, path } = reason;
            let place = format!("{}:{line}", from.display());
            if low < high {
                findings.push(format!(
                    "{place} imports {path} from above: {} ({here}, floor {low}) -> {} ({there}, \
                     floor {high})",
                    from.display(),
                    to.display()
                ));
            } else if low == high && here != there {
                beside.entry((here, there)).or_insert(place);
            }
        }
        let edges: BTreeSet<(&str, &str)> = beside.keys().copied().collect();
        findings.extend(rings(&edges).into_iter().map(|ring| {
            let parts = parts(&ring).map(|part| format!("{} ({}) -> ", part.0, beside[&part]));
            let parts: String = parts.collect();
            format!("folders import each other: {parts}{}", ring[0])
        }));
        findings
    }

    /// The folder that `file`, a path in `src`, is in or is the head of.
    fn folder<'a>(&self, file: &'a Path) -> &'a str {
        let first = file.iter().next().and_then(|name| name.to_str());
        let name = first.unwrap_or_default();
        let name = name.strip_suffix(".rs").unwrap_or(name);
        let moving = self.moving.iter().find(|(now, _)| *now == name);
        moving.map_or(name, |(_, folder)| folder)
    }

    /// Counted from 1, as in the plan of the library.
    fn floor(&self, folder: &str) -> Option<usize> {
        if folder == ROOT {
            return Some(self.folders.len() + 1);
        }
        let at = self.folders.iter().position(|it| it.contains(&folder));
        at.map(|index| index + 1)
    }
}
