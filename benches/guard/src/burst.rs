//! The program whose system calls are counted.

use std::{cell::Cell, rc::Rc};

use glib::MainContext;
use qio_task::{Error, QioTask};

/// Submits `workers` empty workers at once, and iterates until the last callback.
pub fn burst(workers: u32) {
    let context = MainContext::default();
    let delivered = Rc::new(Cell::new(0));
    for _ in 0..workers {
        let delivered = delivered.clone();
        QioTask::builder()
            .callback(move |result: Result<(), Error>| {
                result.expect("an empty worker succeeds");
                delivered.set(delivered.get() + 1);
            })
            .run_in_thread(|_| Ok(()));
    }
    while delivered.get() < workers {
        context.iteration(true);
    }
}
