//! The worker completes it, nobody else.

use qio_task::{Error, QioTask};

fn main() {
    let task = QioTask::builder().callback(|_: Result<(), Error>| {});
    task.run_in_thread(|_| Ok(()));
    task.complete(Ok(()));
}
