//! A task ends once.

use qio_task::{Error, QioTask};

fn main() {
    let task = QioTask::builder().callback(|_: Result<(), Error>| {});
    task.complete(Ok(()));
    task.complete(Ok(()));
}
