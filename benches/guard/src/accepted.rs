//! The accepted counts, in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::facts::Facts;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/accepted.json");

/// Instructions of each benchmark, by its name.
pub type Counts = BTreeMap<String, u64>;

/// Counts of one backend, and where they were taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub facts: Facts,
    pub instructions: Counts,
}

/// The whole file: a record for each backend.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Accepted(BTreeMap<String, Record>);

impl Record {
    pub fn new(facts: Facts, instructions: Counts) -> Self {
        Self {
            facts,
            instructions,
        }
    }
}

impl Accepted {
    /// What the repository has; nothing when there is no such file.
    pub fn read() -> Outcome<Self> {
        match fs::read_to_string(PATH) {
            Ok(text) => serde_json::from_str(&text).map_err(|error| format!("{PATH}: {error}")),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(format!("{PATH}: {error}")),
        }
    }

    /// Replaces the file.
    pub fn write(&self) -> Outcome {
        fs::write(PATH, self.text()).map_err(|error| format!("{PATH}: {error}"))?;
        println!("Written to {PATH}.");
        Ok(())
    }

    pub fn of(&self, backend: &str) -> Option<&Record> {
        self.0.get(backend)
    }

    /// Replaces one backend's record, and keeps the other's.
    pub fn set(&mut self, backend: &str, record: Record) {
        self.0.insert(backend.to_owned(), record);
    }

    fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("maps of strings are JSON");
        text + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(count: u64) -> Record {
        Record::new(
            Facts::with_glib("2.74.6"),
            Counts::from([("inline".to_owned(), count)]),
        )
    }

    #[test]
    fn accepting_keeps_the_other_backend() {
        let mut accepted = Accepted::default();
        accepted.set("native", record(1));
        accepted.set("gtask", record(2));
        accepted.set("native", record(3));
        let read: Accepted = serde_json::from_str(&accepted.text()).unwrap();
        assert_eq!(read, accepted);
        assert_eq!(read.of("native"), Some(&record(3)));
        assert_eq!(read.of("gtask"), Some(&record(2)));
    }

    #[test]
    fn the_file_in_the_repository_has_both_backends() {
        let accepted = Accepted::read().unwrap();
        for backend in ["native", "gtask"] {
            let record = accepted.of(backend).unwrap();
            let names: Vec<_> = record.instructions.keys().collect();
            assert_eq!(names, ["burst", "foreign", "inline"]);
        }
    }
}
