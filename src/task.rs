//! What a user of the library holds.

pub(crate) mod builder;
pub(crate) mod future;
pub(crate) mod progress;
pub(crate) mod running;
pub(crate) mod settings;
pub(crate) mod spawn;
#[expect(clippy::module_inception, reason = "it is the file of the task itself")]
pub(crate) mod task;
pub(crate) mod watch;
pub(crate) mod worker;
