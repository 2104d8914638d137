//! A task is about an object, which it keeps alive.

use qio_task::{Error, QioTask};

fn main() {
    let source = String::from("not an object");
    QioTask::new(&source, |_: &String, _: Result<(), Error>| {}).complete(Ok(()));
}
