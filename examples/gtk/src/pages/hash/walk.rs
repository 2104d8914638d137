//! The walk through a folder, in a thread: it counts first, then it reads.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use qio_task::{Progress, Worker};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

/// How far a walk has got.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// The file that it is at.
    pub file: PathBuf,
    /// How many files, and of how many bytes, have been hashed; while the total
    /// is not known, found.
    pub files: u64,
    pub bytes: u64,
    /// How many files and folders could not be read.
    pub unreadable: u64,
    /// How many bytes there are in all, once they have been counted.
    pub total: Option<u64>,
    /// How long it has been hashing.
    pub time: Duration,
}

/// Hashes the names and contents of all files in `folder`, in the order of
/// their names, so that the same files have the same digest anywhere.
pub fn hash(folder: &Path, worker: &Worker, progress: &Progress<Step>) -> io::Result<String> {
    let found = find(folder, worker, progress)?;
    let begun = Instant::now();
    let mut step = Step {
        unreadable: found.unreadable,
        total: Some(found.bytes),
        ..Step::default()
    };
    let mut all = Sha256::new();
    for file in found.files {
        step.file.clone_from(&file);
        let bytes = step.bytes;
        let digest = hash_file(&file, |read| {
            step.bytes += read;
            step.time = begun.elapsed();
            progress.report(step.clone());
            worker.check_cancelled().map_err(io::Error::from)
        });
        // Whether its time is over or the file is at fault.
        worker.check_cancelled()?;
        if let Ok(digest) = digest {
            step.files += 1;
            let name = file.strip_prefix(folder).unwrap_or(&file);
            all.update(name.as_os_str().as_encoded_bytes());
            all.update([0]);
            all.update(digest);
        } else {
            step.unreadable += 1;
            step.bytes = bytes;
        }
        progress.report(step.clone());
    }
    Ok(format!("{:x}", all.finalize()))
}

/// What there is to hash.
struct Found {
    files: Vec<PathBuf>,
    bytes: u64,
    unreadable: u64,
}

fn find(folder: &Path, worker: &Worker, progress: &Progress<Step>) -> io::Result<Found> {
    let mut files = Vec::new();
    let mut step = Step::default();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        worker.check_cancelled()?;
        match entry {
            // Neither links, which may lead out of the folder and in circles,
            // nor pipes and devices, which may have no end.
            Ok(entry) if entry.file_type().is_file() => {
                step.files += 1;
                step.bytes += entry.metadata().map_or(0, |metadata| metadata.len());
                step.file = entry.into_path();
                files.push(step.file.clone());
                progress.report(step.clone());
            }
            Ok(_) => {}
            Err(error) if error.depth() == 0 => return Err(error.into()),
            Err(_) => step.unreadable += 1,
        }
    }
    Ok(Found {
        files,
        bytes: step.bytes,
        unreadable: step.unreadable,
    })
}

/// Hashes one file, and tells `each` how much has been read.
fn hash_file(path: &Path, mut each: impl FnMut(u64) -> io::Result<()>) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hasher.finalize().into());
        }
        hasher.update(&buffer[..read]);
        each(read as u64)?;
    }
}
