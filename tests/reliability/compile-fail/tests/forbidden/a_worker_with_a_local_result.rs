//! A worker's result comes from another thread.

use std::rc::Rc;

use qio_task::{Error, QioTask};

fn main() {
    QioTask::builder()
        .callback(|_: Result<Rc<u32>, Error>| {})
        .run_in_thread(|_| Ok(Rc::new(1)));
}
