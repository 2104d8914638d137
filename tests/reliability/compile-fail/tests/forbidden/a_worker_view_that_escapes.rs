//! What a worker sees of its task it sees while it runs.

use qio_task::{Error, QioTask, Worker};

fn main() {
    let (sender, _receiver) = std::sync::mpsc::channel::<&'static Worker>();
    QioTask::builder()
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(move |worker| {
            let _ = sender.send(worker);
            Ok(())
        });
}
