//! What is kept of a run: `results.json`, `results.md` and the pictures.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::machine::Machine;
use crate::plot::pictures;
use crate::results::Results;
use crate::size::Sizes;
use crate::table::Table;
use crate::targets::Verdict;

/// All that a run has to say.
#[derive(Serialize)]
pub struct Document {
    pub machine: Machine,
    pub targets: Vec<Verdict>,
    pub sizes: Option<Sizes>,
    /// Every sample.
    pub runs: Results,
    #[serde(skip)]
    pub tables: Vec<Table>,
}

impl Document {
    /// Writes every file into `directory`, which is made.
    pub fn write(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory)
            .with_context(|| format!("can't make {}", directory.display()))?;
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))
        };
        let pictures = pictures(&self.runs, &self.machine)?;
        write(
            "results.json",
            &(serde_json::to_string_pretty(self)? + "\n"),
        )?;
        write("results.md", &self.markdown(&pictures))?;
        for (name, picture) in &pictures {
            write(name, picture)?;
        }
        Ok(())
    }

    fn markdown(&self, pictures: &[(&str, String)]) -> String {
        let mut parts = vec![
            "# qio-task: benchmark".to_owned(),
            self.machine.line(),
            self.machine.circumstances(),
            LEGEND.to_owned(),
        ];
        for (name, _) in pictures {
            let what = name.trim_end_matches(".svg");
            parts.push(format!("![{what}]({name})"));
        }
        parts.extend(
            self.tables
                .iter()
                .map(|table| table.markdown().trim_end().to_owned()),
        );
        parts.join("\n\n") + "\n"
    }
}

/// How to read the tables.
pub const LEGEND: &str = "Each figure is the median of interleaved repetitions, each a process of \
                          its own; in brackets the least and the greatest.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, Placement};
    use crate::contestant::Contestant;
    use crate::measure::Measure;
    use crate::results::made_up;
    use crate::tables::tables;
    use crate::targets::verdicts;
    use crate::{machine, targets};

    fn document() -> Document {
        let case = |size| Case {
            measure: Measure::Burst,
            contestant: Contestant::Native,
            placement: Placement::Machine,
            size: Some(size),
        };
        let runs = made_up(&[
            (case(100), "per_task_ns", 300.0),
            (case(20_000), "per_task_ns", 200.0),
        ]);
        let targets = verdicts(&runs, &[Measure::Burst]);
        let mut tables = tables(&runs, None);
        tables.push(targets::table(&targets));
        Document {
            machine: machine::made_up(),
            targets,
            sizes: None,
            runs,
            tables,
        }
    }

    #[test]
    fn a_run_is_kept_as_tables_samples_and_pictures() {
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().join("made");
        document().write(&directory).unwrap();
        let read = |name| fs::read_to_string(directory.join(name)).unwrap();
        let json: serde_json::Value = serde_json::from_str(&read("results.json")).unwrap();
        assert_eq!(json["machine"]["cores"], 4);
        assert_eq!(json["runs"][0]["contestant"], "qio-task");
        assert_eq!(json["runs"][0]["size"], 100);
        assert_eq!(json["runs"][0]["outcome"]["values"]["per_task_ns"], 300.0);
        assert_eq!(json["targets"][0]["status"], "met");
        assert!(read("results.md").contains("![burst](burst.svg)"));
        assert!(read("burst.svg").contains("<svg"));
        assert!(!directory.join("frame.svg").exists());
    }

    #[test]
    fn markdown_has_the_machine_every_table_and_the_targets() {
        let text = document().markdown(&[]);
        for part in [
            "A Processor, 4 cores",
            "## Burst",
            "| qio-task |",
            "## Targets",
            "met |",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
