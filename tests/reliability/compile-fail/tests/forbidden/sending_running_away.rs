//! `wait` runs the callback, which stays on its thread.

use qio_task::{Error, QioTask};

fn main() {
    let running = QioTask::builder()
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(|_| Ok(()));
    std::thread::spawn(move || running.wait());
}
