//! The files of a package, and which of them cargo starts a crate from.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The text of each Rust file, by its path.
pub struct Sources(BTreeMap<PathBuf, String>);

impl Sources {
    /// Reads all that is in `folder`, but no package inside of it.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut sources = Self(BTreeMap::new());
        sources.add(folder, Path::new(""))?;
        Ok(sources)
    }

    fn add(&mut self, folder: &Path, name: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder.join(name))? {
            let entry = entry?;
            let (path, name) = (entry.path(), name.join(entry.file_name()));
            if path.is_dir() {
                if !path.join("Cargo.toml").exists() {
                    self.add(folder, &name)?;
                }
            } else if path.extension().is_some_and(|it| it == "rs") {
                self.0.insert(name, fs::read_to_string(path)?);
            }
        }
        Ok(())
    }

    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    pub fn text(&self, file: &Path) -> Option<&str> {
        self.0.get(file).map(String::as_str)
    }

    /// Those files that cargo starts a crate from without being told.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        self.files().filter(|file| is_root(file))
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Sources {
    fn from(files: [(&str, &str); N]) -> Self {
        let own = |(path, text): (&str, &str)| (path.into(), text.to_owned());
        Self(files.into_iter().map(own).collect())
    }
}

/// Whether it is a root by its name: `src/main.rs`, `tests/floors/main.rs` and the like.
fn is_root(file: &Path) -> bool {
    let parts: Vec<&str> = file
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    match parts[..] {
        ["build.rs" | "lib.rs"] | ["src", "lib.rs" | "main.rs"] => true,
        ["src", "bin", ..] => matches!(parts[2..], [_] | [_, "main.rs"]),
        ["benches" | "examples" | "tests", ..] => matches!(parts[1..], [_] | [_, "main.rs"]),
        _ => false,
    }
}
