//! What the library adds to a program.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

/// Stripped release binaries of the same small program.
#[derive(Clone, Debug)]
pub struct Binaries {
    pub without: PathBuf,
    pub native: PathBuf,
    pub gtask: PathBuf,
}

/// Their sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sizes {
    pub without: u64,
    pub native: u64,
    pub gtask: u64,
}

impl Sizes {
    pub fn of(binaries: &Binaries) -> Result<Self> {
        Ok(Self {
            without: size(&binaries.without)?,
            native: size(&binaries.native)?,
            gtask: size(&binaries.gtask)?,
        })
    }
}

fn size(path: &Path) -> Result<u64> {
    let metadata = fs::metadata(path).with_context(|| format!("no binary {}", path.display()))?;
    Ok(metadata.len())
}
