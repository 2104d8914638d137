//! What a task ends with is named by its callback.

fn main() {
    let task = qio_task::QioTask::builder().callback(|files| println!("{files:?}"));
    task.complete(Ok(3));
}
