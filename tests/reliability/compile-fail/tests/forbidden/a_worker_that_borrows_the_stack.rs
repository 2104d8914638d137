//! A worker outlives the function that gave it.

use qio_task::{Error, QioTask};

fn main() {
    let words = vec!["on", "the", "stack"];
    QioTask::builder()
        .callback(|_: Result<usize, Error>| {})
        .run_in_thread(|_| Ok(words.len()))
        .wait();
}
