//! What is due on a `GMainContext`, and how it is woken for it.
//!
//! Each context has one [`Queue`]: a descriptor that wakes it from any thread, the deadlines of
//! its tasks, and a [`Level`] for each priority, which holds what is due at it. The queue is one
//! source on the context, and each level another; both ask as the loop goes round whether they
//! have anything to do, so that no level needs a descriptor.
//!
//! Nothing here owns a reference on the context: it owns the sources, and the sources own
//! the queue. As the context is finalized it destroys them, and the queue is closed. It is
//! closed as well when somebody else destroys one of them: nothing is delivered any more then,
//! though the context lives.
//!
//! What is due is known here only as something that is [`Due`].

/// Which context is this thread's default, and running a function with another one as that.
pub(crate) mod current;
/// For how long what is due may have no turn, in a loop that never rests.
pub(crate) mod delay;
/// A round of the loop that is left to sources of a lower priority.
mod give_way;
/// A delivery is queued here; a dispatch takes one after the other, and gives way to other
/// sources after 2 ms.
mod level;
/// The levels of a context, in the order of their priorities.
mod levels;
/// What GLib polls for a source.
mod poll_fd;
/// What all levels of a context share: waking it, its timeouts as they come due, and its end.
mod queue;
/// A `GSource` whose functions are those of a Rust value.
mod source;
/// The deadlines, in their order.
mod timer;
/// What wakes a context: a descriptor, or an event.
mod wake_up;

pub(crate) use level::Level;
pub(crate) use queue::{Due, Queue};
pub(crate) use timer::Timer;
#[allow(unused_imports, reason = "one backend alone makes contexts")]
pub(crate) use wake_up::can_be_made;
