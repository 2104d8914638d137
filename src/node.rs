//! The task in memory, and where it is kept until it has ended.
//!
//! A task is one allocation, a [`Node`](node): its [`Header`](header), which any thread may
//! touch, a slot for its result, and its callback with the source, which only the thread
//! of its context touches, its *home*. The [`Registry`](registry) of that thread holds
//! it until then; that of the context's queue does, when any thread may run the callback.

pub(crate) mod backend;
pub(crate) mod callback;
mod completer;
pub(crate) mod due;
pub(crate) mod extra;
pub(crate) mod header;
pub(crate) mod held;
mod mailbox;
#[expect(clippy::module_inception, reason = "it is the file of the node itself")]
pub(crate) mod node;
pub(crate) mod registry;
