//! Whichever thread iterates that context runs the callback.

use std::rc::Rc;

use glib::MainContext;
use qio_task::{Error, QioTask};

fn main() {
    let local = Rc::new(());
    QioTask::builder()
        .callback_on(&MainContext::default(), move |_: Result<(), Error>| {
            drop(local)
        })
        .complete(Ok(()));
}
