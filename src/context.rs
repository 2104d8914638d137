//! What is due on a `GMainContext`, and how it is woken for it.
//!
//! Each context has one [`Queue`]: a descriptor that wakes it from any thread, the
//! deadlines of its tasks, and a [`Level`] for each priority, with what is due at it. The
//! queue is one source on the context, and each level another; both ask as the loop goes
//! round whether they have anything to do, so that no level needs a descriptor.
//!
//! Nothing here owns a reference on the context: it owns the sources, and the sources own
//! the queue. As the context is finalized it destroys them, and the queue is closed.
//!
//! What is due is known here only as something that is [`Due`].

pub(crate) mod current;
mod level;
mod queue;
mod source;
mod timer;
mod wake_up;

pub(crate) use level::Level;
pub(crate) use queue::{Due, Queue};
pub(crate) use timer::Timer;
