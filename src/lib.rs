#![doc = include_str!(concat!(env!("OUT_DIR"), "/README.md"))]
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Floors: what is below knows nothing of what is above. docs/design.md draws them.

/// The functions of the C library.
#[cfg(feature = "capi")]
mod capi;

/// What a user holds.
mod task;

/// Those who look at tasks.
mod observe;

/// The task in memory, and where it is kept until it has ended.
mod node;

/// What is due on a `GMainContext`, and what wakes it.
mod context;

/// What is free of GLib.
mod base;

mod error;

#[cfg(any(doc, doctest))]
pub mod guide;

pub use error::{Cancelled, Error};
pub use node::group_error::GroupError;
pub use observe::{
    SlowCallback, TaskInfo, TaskState, inspect, is_inspecting, set_inspecting,
    set_slow_callback_limit, slow_callback_limit, slow_callbacks,
};
pub use task::{
    builder::{Builder, WithObject},
    future::TaskFuture,
    group::Group,
    group_ended::GroupEnded,
    latest::Latest,
    message_stream::MessageStream,
    messages::Messages,
    progress::Progress,
    running::Running,
    settings::{
        max_delay, max_idle_time, max_threads, set_max_delay, set_max_idle_time, set_max_threads,
        set_stack_size, stack_size,
    },
    spawn::{spawn_blocking, spawn_infallible},
    task::QioTask,
    try_send_error::TrySendError,
    watch::Watch,
    worker::Worker,
    worker_ended::WorkerEnded,
};
