//! A callback outlives the function that gave it.

use qio_task::{Error, QioTask};

fn main() {
    let mut ended = false;
    QioTask::builder()
        .callback(|_: Result<(), Error>| ended = true)
        .complete(Ok(()));
}
