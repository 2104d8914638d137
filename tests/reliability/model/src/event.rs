//! What can be seen of a program, by the model and by the library.

#![allow(missing_docs, reason = "the names are those of the library")]

use crate::program::Thread;

/// Tasks, contexts and the rest are numbered as they are made.
pub type Id = u32;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    Home(Thread),
    /// The worker of this task.
    Worker(Id),
    /// A thread of which the program knows nothing.
    Stranger,
}

/// What a callback got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    Ok,
    Failed,
    Cancelled,
    TimedOut,
    Abandoned,
    Panicked,
    /// Nothing that the program has a word for, or another task's result.
    Wrong,
}

impl Outcome {
    /// Whether a value came with it, which says where it is dropped.
    pub fn has_value(self) -> bool {
        matches!(self, Self::Ok | Self::Failed)
    }
}

/// What was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Callback(Id),
    Source(Id),
    Value(Id),
    Bar(Id),
}

/// What came of sending a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sent {
    LetIn,
    /// As many wait as may.
    Full,
    Cancelled,
}

/// How a group has ended: the first error, and whose it was, if that was named.
pub type Ended = Result<(), (Outcome, Option<Id>)>;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Neighbours are sorted: their order is nobody's business.
    Dropped(Part),
    /// A callback was called, with this thread-default context.
    Called(Id, Outcome, Option<Id>),
    /// It unwound to who called it inline.
    Unwound(Id),
    /// A progress callback was called, with this thread-default context.
    Progress(Id, u32, Option<Id>),
    /// The callback of a task's messages was called with this one and this thread-default context.
    Message(Id, u32, Option<Id>),
    /// What came of sending this one.
    Sent(u32, Sent),
    /// The function of a driven task was called, with this thread-default context.
    Driven(Id, Option<Id>),
    /// The worker runs.
    Started(Id),
    /// The worker will never run, and was dropped.
    Spared(Id),
    /// What a group was when somebody asked.
    Group {
        id: Id,
        len: usize,
        is_closed: bool,
        /// What it yields who waits for its end, if that is there.
        ended: Option<Ended>,
    },
    /// Whether the newest one in the `Latest` was pending when somebody asked.
    IsPending(bool),
    /// What a worker was told when it asked whether it is cancelled.
    Checked(Id, bool),
    /// Whether the worker may go on, past the point of no return.
    Committed(Id, bool),
    /// What a task was when somebody asked.
    IsCancelled(Id, bool),
    IsFinished(Id, bool),
    /// What polling a future has yielded.
    Polled(Id, Option<Outcome>),
    /// Its waker was woken.
    Woken(Id),
    /// What an iteration returned.
    Iterated(bool),
    /// GLib's log.
    Warned(String),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event {
    pub who: Who,
    pub what: What,
}

/// Sorts drops, wake-ups and warnings among their neighbours.
pub fn canonical(mut events: Vec<Event>) -> Vec<Event> {
    let is_drop = |event: &Event| {
        matches!(
            event.what,
            What::Dropped(_) | What::Woken(_) | What::Warned(_)
        )
    };
    for run in events.chunk_by_mut(|one, next| is_drop(one) && is_drop(next)) {
        run.sort();
    }
    events
}
