//! A task may leave its thread where its result may.

use std::rc::Rc;

use qio_task::{Error, QioTask};

fn main() {
    let task = QioTask::builder().callback(|_: Result<Rc<u32>, Error>| {});
    std::thread::spawn(move || drop(task));
}
