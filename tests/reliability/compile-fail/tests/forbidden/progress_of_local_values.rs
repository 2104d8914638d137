//! The values of a `Progress` come from other threads.

use std::rc::Rc;

use qio_task::Progress;

fn main() {
    let _ = Progress::new(|_: Rc<u32>| {});
}
