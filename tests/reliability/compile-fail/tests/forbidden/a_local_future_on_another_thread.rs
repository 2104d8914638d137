//! A future of a local result is awaited on its thread.

use std::rc::Rc;

use glib::MainContext;
use qio_task::{Error, QioTask};

fn main() {
    let (task, future) = QioTask::builder().future::<Rc<u32>, glib::Error>();
    MainContext::new().spawn(async move {
        let _: Result<Rc<u32>, Error> = future.await;
    });
    task.complete(Ok(Rc::new(1)));
}
