//! The task in memory, and where it is kept until it has ended.
//!
//! A task is one allocation: a [`Header`](header), which any thread may touch, a slot for its
//! worker's function and then its result, and its callback with the source, which only the
//! thread of its context touches, its [`home`]. The [`registry`] of that thread keeps it until
//! it has ended; the queue of its context does, when any thread may run the callback.

pub(crate) mod backend;
pub(crate) mod callback;
pub(crate) mod completer;
pub(crate) mod context_ref;
mod deliver;
mod due;
pub(crate) mod events;
pub(crate) mod extra;
mod header;
pub(crate) mod home;
pub(crate) mod item;
pub(crate) mod levels;
mod life;
mod mailbox;
#[expect(clippy::module_inception, reason = "it is the file of the node itself")]
pub(crate) mod node;
pub(crate) mod registry;
pub(crate) mod reports;
pub(crate) mod runner;
mod shared;
mod tasks;
mod withdrawn;
