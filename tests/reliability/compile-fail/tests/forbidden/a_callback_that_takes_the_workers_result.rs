//! A callback gets every way in which a task ends, not the worker's alone.

fn main() {
    let task = qio_task::QioTask::builder().callback(|_: Result<u32, std::io::Error>| {});
    task.complete(Ok(3));
}
