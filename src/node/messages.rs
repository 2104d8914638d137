//! What becomes of messages as the task ends that they belong to: no more are let in, and those
//! that were come before its callback.

use std::{
    sync::{Arc, Weak},
    task::{Wake, Waker},
    time::Instant,
};

use glib::{MainContext, Priority};

use super::node::NodeRef;

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

/// What a task that was to be delivered waits for.
pub(crate) enum NotYet {
    /// It comes next, in the next turn.
    Next(NodeRef),
    /// It is sent again as a callback has returned that is running further up this stack.
    Deferred,
}

impl NodeRef {
    fn messages(&self) -> impl Iterator<Item = Arc<dyn TaskMessages>> {
        let extra = self.extra().into_iter();
        extra.flat_map(|extra| extra.messages.iter().filter_map(Weak::upgrade))
    }

    /// Whether any belong to the task.
    #[inline]
    pub(super) fn has_messages(&self) -> bool {
        self.extra().is_some_and(|extra| !extra.messages.is_empty())
    }

    /// No message is let in for the task any more, and who waits for room is told.
    pub(super) fn shut_messages(&self) {
        self.messages().for_each(|messages| messages.shut());
    }

    /// Delivers the messages that come before the callback, until `end`.
    pub(super) fn deliver_own_messages(&self, end: Option<Instant>) -> Delivered {
        // Not of a task that is over, or not decided yet.
        if self.state.verdict().is_none() {
            return Delivered::All;
        }
        for messages in self.messages() {
            messages.shut();
            let delivered = messages.deliver(end);
            if delivered == Delivered::Nothing {
                let node = self.clone();
                messages.after_callback(Box::new(move || node.send()));
            }
            if delivered != Delivered::All {
                return delivered;
            }
        }
        Delivered::All
    }

    /// Calls `wait`, which blocks until it has what it waits for, or until messages of the task
    /// have come in, which it asks the function that it is given. They are delivered here: the
    /// worker may be waiting for room.
    pub(crate) fn wait_with_messages(
        &self,
        held: Option<&MainContext>,
        wait: impl Fn(&dyn Fn() -> bool),
    ) {
        let mut here: Vec<_> = self.messages().filter(|one| one.is_home()).collect();
        if here.is_empty() {
            return wait(&|| false);
        }
        let waker = Waker::from(Arc::new(WakeWaiting(self.clone())));
        loop {
            let is_due = || here.iter().any(|messages| messages.is_due());
            here.iter().for_each(|one| one.set_waker(Some(&waker)));
            wait(&is_due);
            here.iter().for_each(|one| one.set_waker(None));
            if !is_due() {
                return;
            }
            // Not those whose callback is running further up this stack: they have to wait.
            let receive = || here.retain(|one| one.receive() != Delivered::Nothing);
            self.level.queue.within(held, receive);
        }
    }
}

/// Has who waits for the task look again.
struct WakeWaiting(NodeRef);

impl Wake for WakeWaiting {
    fn wake(self: Arc<Self>) {
        self.0.state.wake();
    }
}
