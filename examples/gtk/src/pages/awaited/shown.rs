//! Futures of tasks that show in a row how they stand.

use adw::prelude::*;
use qio_task::{Error, TaskFuture};

use crate::status_row::{Status, StatusRow};

/// Awaits `task`, and shows in `row` that it works and how it ended: with what
/// `words` says of its value.
pub async fn shown<T>(
    row: &StatusRow,
    task: TaskFuture<T>,
    words: impl FnOnce(&T) -> String,
) -> Result<T, Error> {
    let mut end = End(
        row,
        Status::Stopped,
        "Stopped: its future was dropped".to_owned(),
    );
    row.set_status(Status::Working);
    row.set_subtitle("Working…");
    let result = task.await;
    (end.1, end.2) = match &result {
        Ok(value) => (Status::Done, words(value)),
        Err(error) => (Status::of(error), error.to_string()),
    };
    result
}

/// What a row shows in the end, also when that comes by a drop.
struct End<'a>(&'a StatusRow, Status, String);

impl Drop for End<'_> {
    fn drop(&mut self) {
        let Self(row, status, words) = self;
        row.set_status(*status);
        row.set_subtitle(words);
    }
}
