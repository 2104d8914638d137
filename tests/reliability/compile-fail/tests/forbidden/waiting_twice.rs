//! `wait` uses the handle up.

use qio_task::{Error, QioTask};

fn main() {
    let running = QioTask::builder()
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(|_| Ok(()));
    running.wait();
    running.wait();
}
