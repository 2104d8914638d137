//! With a source the callback gets two arguments.

use qio_task::{Error, QioTask};

fn main() {
    let action = gio::SimpleAction::new("count", None);
    let task = QioTask::builder()
        .source(&action)
        .callback(|_: Result<u32, Error>| {});
    task.complete(Ok(3));
}
