//! What a user of the library holds.

pub(crate) mod builder;
pub(crate) mod future;
/// A value waits here, in its `Progress`, until it is delivered or replaced.
pub(crate) mod progress;
/// The handle on a worker, by which it is waited for.
pub(crate) mod running;
/// The settings of the worker threads.
pub(crate) mod settings;
pub(crate) mod spawn;
#[expect(clippy::module_inception, reason = "it is the file of the task itself")]
pub(crate) mod task;
/// Tasks that the loop drives: by a descriptor, or at an interval.
pub(crate) mod watch;
/// A worker's function is called here, and its panic caught.
pub(crate) mod worker;
