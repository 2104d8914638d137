//! A builder makes one task.

use qio_task::{Error, QioTask};

fn main() {
    let builder = QioTask::builder().name("once");
    builder.callback(|_: Result<(), Error>| {}).complete(Ok(()));
    builder.callback(|_: Result<(), Error>| {}).complete(Ok(()));
}
