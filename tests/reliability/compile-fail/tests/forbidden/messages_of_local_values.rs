//! Messages come from other threads.

use std::rc::Rc;

use qio_task::Messages;

fn main() {
    let _ = Messages::new(1, |_: Rc<u32>| {});
}
