//! What becomes of messages as the task ends that they belong to: no more are let in, and those
//! that were come before its callback.

use std::{
    sync::Arc,
    task::{Wake, Waker},
    time::Instant,
};

use glib::MainContext;

#[cfg(feature = "capi")]
use super::owner::Owned;
use super::{
    extra::Extra,
    node::NodeRef,
    task_messages::{Delivered, TaskMessages},
};

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
        extra.flat_map(Extra::messages)
    }

    /// Whether any belong to the task.
    #[inline]
    pub(super) fn has_messages(&self) -> bool {
        self.extra().is_some_and(Extra::has_messages)
    }

    /// These belong to the task, which was made before, from now on. Once at most.
    #[cfg(feature = "capi")]
    pub(crate) fn add_messages<M: TaskMessages + Owned + 'static>(&self, messages: Arc<M>) {
        self.or_extra().add_messages_later(messages);
        // Another thread may have ended it meanwhile, and found none.
        if self.state.was_interrupted() || !self.level.queue.is_open() {
            self.shut_messages();
        }
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
            set_wakers(&here, Some(&waker));
            wait(&is_due);
            set_wakers(&here, None);
            if !is_due() {
                return;
            }
            // Not those whose callback is running further up this stack: they have to wait.
            let receive = || here.retain(|one| one.receive() != Delivered::Nothing);
            self.level.queue.within(held, receive);
        }
    }
}

fn set_wakers(all: &[Arc<dyn TaskMessages>], waker: Option<&Waker>) {
    for messages in all {
        messages.set_waker(waker);
    }
}

/// Has who waits for the task look again.
struct WakeWaiting(NodeRef);

impl Wake for WakeWaiting {
    fn wake(self: Arc<Self>) {
        self.0.state.wake();
    }
}
