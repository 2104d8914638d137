//! Those who look at tasks: the list of [`inspect`], the watch over slow callbacks and, with
//! the feature, `tracing`.
//!
//! While nobody looks nothing is kept. Who makes a task asks one variable whether anybody
//! does; who tells of a task later asks another, in [`events`](crate::node::events), whether
//! any task is known. What a task does is the same whether somebody looks or not.

/// A thread is busy with a task.
mod busy;
/// The list is printed: at a signal, and at the end.
mod debug;
/// What is known of a task as it is made.
mod facts;
/// For how long a callback holds its loop.
mod hold;
/// The list of unfinished tasks.
mod inspect;
/// Whether anybody subscribes to `tracing`.
mod level;
/// Who is told by the core, and keeps the records.
mod observer;
/// What is known of each task.
mod record;
/// The signals at which the list may be printed.
mod signal;
/// The places whose callbacks have held a loop for too long.
mod slow;
/// The `tracing` span of a task.
mod span;
/// How an unfinished task stands.
mod task_state;
/// The `tracing` events of a task.
mod trace;
/// What somebody wants to know: `QIO_TASK_DEBUG`, and the functions that stand for its words.
mod wanted;
/// Whose callback is watched over.
mod watched;

pub use inspect::{TaskInfo, inspect, is_inspecting, set_inspecting};
pub use slow::{SlowCallback, set_slow_callback_limit, slow_callback_limit, slow_callbacks};
pub use task_state::TaskState;

pub(crate) use facts::{New, Place};
pub(crate) use hold::Hold;
#[cfg(feature = "capi")]
pub(crate) use observer::{hide, made_in_c};
pub(crate) use observer::{is_wanted, made};
pub(crate) use watched::Watched;
