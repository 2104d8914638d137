//! Whichever thread iterates that context gets the result.

use std::rc::Rc;

use glib::MainContext;
use qio_task::{Error, QioTask};

fn main() {
    QioTask::builder()
        .callback_on(&MainContext::default(), |_: Result<Rc<u32>, Error>| {})
        .complete(Ok(Rc::new(1)));
}
