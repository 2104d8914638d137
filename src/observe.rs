//! Those who look at tasks: the list of [`inspect`], the watch over slow callbacks and, with
//! the feature, `tracing`.
//!
//! While nobody looks nothing is kept. Who makes a task asks one variable whether anybody
//! does; who tells of a task later asks another, in [`events`](crate::node::events), whether
//! any task is known. What a task does is the same whether somebody looks or not.

mod busy;
mod debug;
mod facts;
mod hold;
mod inspect;
mod level;
mod observer;
mod record;
mod signal;
mod slow;
mod span;
mod task_state;
mod trace;
mod wanted;
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
