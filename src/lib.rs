#![doc = include_str!(concat!(env!("OUT_DIR"), "/README.md"))]
#![deny(unsafe_code)]

use std::io;

mod base;
mod builder;
#[cfg(feature = "capi")]
mod capi;
mod context;
mod error;
mod future;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "capi")]
mod handle;
mod node;
mod observe;
mod progress;
mod runner;
mod running;
mod task;
mod watch;
mod worker;

pub use builder::{Builder, WithObject};
pub use error::{Cancelled, Error};
pub use future::{TaskFuture, spawn_blocking};
pub use observe::{
    SlowCallback, TaskInfo, TaskState, inspect, is_inspecting, set_inspecting,
    set_slow_callback_limit, slow_callback_limit, slow_callbacks,
};
pub use progress::Progress;
pub use runner::{
    max_idle_time, max_threads, set_max_idle_time, set_max_threads, set_stack_size, stack_size,
};
pub use running::Running;
pub use task::QioTask;
pub use watch::Watch;
pub use worker::Worker;

use base::sync::{self, Apart, lock};

/// What GLib's log calls this library.
const G_LOG_DOMAIN: &str = "qio-task";

/// What has held more than this gives its memory back when it is empty.
const FLOOD: usize = 1 << 16;


/// # Panics
///
/// Panics, on the line of who makes a task, when a context can't be woken.
#[track_caller]
fn wakeable<T>(woken: io::Result<T>) -> T {
    match woken {
        Ok(woken) => woken,
        Err(error) => panic!("no descriptor is left to wake a main context with: {error}"),
    }
}
