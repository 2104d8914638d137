//! What a user of the library holds.

/// All that a task can be given as it is made.
pub(crate) mod builder;
/// What the clones of messages share.
mod channel;
/// A value that stays on its thread.
mod confined;
/// A task that the loop drives, as its source has it.
mod driven;
/// The result, awaited.
pub(crate) mod future;
/// Tasks that belong together.
pub(crate) mod group;
/// When a group has no member any more, to be awaited.
pub(crate) mod group_ended;
/// The newest of some tasks wins.
pub(crate) mod latest;
/// Messages, awaited.
pub(crate) mod message_stream;
/// What values are sent with of which each counts.
pub(crate) mod messages;
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
/// The callback of messages.
mod sink;
/// A function in a thread, awaited.
pub(crate) mod spawn;
/// Completing a task, and handing it to a thread.
#[expect(clippy::module_inception, reason = "it is the file of the task itself")]
pub(crate) mod task;
/// Messages as a task has them.
mod task_messages;
/// Why a message was not let in at once.
pub(crate) mod try_send_error;
/// Tasks that the loop drives: by a socket, or at an interval.
pub(crate) mod watch;
/// The same by a descriptor.
#[cfg(unix)]
mod watch_fd;
/// A worker's function is called here, and its panic caught.
pub(crate) mod worker;
/// When a worker has really stopped, to be awaited.
pub(crate) mod worker_ended;
