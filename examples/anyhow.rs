//! Counts the words of the files of a folder, with `anyhow`: in workers and after `await`,
//! `?` and `context` do what they do elsewhere.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use qio_task::{Error, QioTask};

fn main() -> ExitCode {
    let folder = env::args_os().nth(1);
    let folder = folder.unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/examples").into());
    match glib::MainContext::default().block_on(count(folder.into())) {
        Ok(words) => {
            println!("{words} words");
            ExitCode::SUCCESS
        }
        Err(error) => {
            // With what led to it.
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn count(folder: PathBuf) -> Result<usize> {
    // A task whose own error is one of `std::error::Error` is as good as any other.
    let files = list(folder.clone())
        .await
        .with_context(|| format!("can't list {}", folder.display()))?;
    let mut words = 0;
    for file in files {
        words += count_in(file).await?;
    }
    Ok(words)
}

async fn list(folder: PathBuf) -> Result<Vec<PathBuf>, Error<std::io::Error>> {
    qio_task::spawn_blocking(move |_| {
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
        Ok(files)
    })
    .await
}

/// A task whose own error is `anyhow`'s, which is no `std::error::Error`: it is taken out.
async fn count_in(file: PathBuf) -> Result<usize> {
    let (task, words) = QioTask::builder().name("count").future();
    task.run_in_thread(move |worker| {
        worker.check_cancelled()?;
        words_of(&file).with_context(|| format!("can't read {}", file.display()))
    });
    words.await.map_err(Error::flatten)
}

fn words_of(file: &Path) -> Result<usize> {
    let text = fs::read_to_string(file)?;
    Ok(text.split_whitespace().count())
}
