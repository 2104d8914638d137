//! What a user of the library holds.

/// All that a task can be given as it is made.
pub(crate) mod builder;
/// The result, awaited.
pub(crate) mod future;
/// Tasks that belong together.
pub(crate) mod group;
/// When a group has no member any more, to be awaited.
pub(crate) mod group_ended;
/// The newest of some tasks wins.
pub(crate) mod latest;
/// How a task is made of all that.
mod plan;
/// What values are reported with.
pub(crate) mod progress;
/// A value waits here until it is delivered, replaced, or not wanted any more.
mod reporter;
/// The handle on a worker, by which it is waited for.
pub(crate) mod running;
/// What a task is to be in, until it is made.
mod sets;
/// The settings of the worker threads.
pub(crate) mod settings;
/// A function in a thread, awaited.
pub(crate) mod spawn;
/// Completing a task, and handing it to a thread.
#[expect(clippy::module_inception, reason = "it is the file of the task itself")]
pub(crate) mod task;
/// Tasks that the loop drives: by a descriptor, or at an interval.
pub(crate) mod watch;
/// A worker's function is called here, and its panic caught.
pub(crate) mod worker;
/// When a worker has really stopped, to be awaited.
pub(crate) mod worker_ended;
