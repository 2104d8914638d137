//! A task may leave its thread where its error may.

use std::rc::Rc;

use qio_task::{Error, QioTask};

fn main() {
    let task = QioTask::builder().callback(|_: Result<u32, Error<Rc<u32>>>| {});
    std::thread::spawn(move || drop(task));
}
