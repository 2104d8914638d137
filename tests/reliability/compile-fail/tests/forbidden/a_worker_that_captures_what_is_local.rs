//! A worker runs in another thread.

use std::rc::Rc;

use qio_task::{Error, QioTask};

fn main() {
    let local = Rc::new(1);
    QioTask::builder()
        .callback(|_: Result<u32, Error>| {})
        .run_in_thread(move |_| Ok(*local));
}
