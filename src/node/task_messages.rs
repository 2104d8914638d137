//! [`TaskMessages`]: messages that belong to a task, of whatever type.

use std::{task::Waker, time::Instant};

use glib::Priority;

/// Messages, as one of the tasks has them that they belong to.
pub(crate) trait TaskMessages: Send + Sync {
    /// The task has this priority, and so have they from now on.
    fn set_priority(&self, priority: Priority);
    /// No more are let in for this task, and who waits for room is told. Foreign code may run.
    fn shut(&self);
    /// Delivers those that were let in before, if this is the thread for it. Called when no more
    /// are.
    fn deliver(&self, end: Option<Instant>) -> Delivered;
    /// Their callback is running further up this stack: calls `then` after that.
    fn after_callback(&self, then: Box<dyn FnOnce()>);
    /// Whether this is the thread that they are delivered on.
    fn is_home(&self) -> bool;
    /// Delivers what has come in so far. Called at home.
    fn receive(&self) -> Delivered;
    /// Has `waker` woken, or nobody any more, when [`is_due`](Self::is_due) was asked in vain and
    /// something comes in then.
    fn set_waker(&self, waker: Option<&Waker>);
    /// Whether there is something to receive.
    fn is_due(&self) -> bool;
}

/// What has been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// All that can be delivered here.
    All,
    /// Some, until the end had come.
    Some,
    /// Nothing, as the callback is running further up this stack.
    Nothing,
}
