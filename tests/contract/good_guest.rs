//! Rule 16: the library's threads take nothing from the program, nor from each other's tasks.

mod inherited;
mod neutral;
mod signals;
mod state;

use qio_task::{Builder, Error};

use crate::common::Log;

/// Runs `worker` in a thread, and returns what it returns.
fn run<R: Send + 'static>(builder: Builder, worker: impl FnOnce() -> R + Send + 'static) -> R {
    let result = Log::new();
    let log = result.clone();
    builder
        .callback(move |result: Result<R, Error>| log.push(result.unwrap()))
        .run_in_thread(move |_| Ok(worker()))
        .wait();
    result.take().remove(0)
}
