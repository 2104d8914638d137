//! The life of a task as any thread has a part in it: it is interrupted, sent, waited for.

use std::time::{Duration, Instant};

use gio::prelude::*;

use super::{
    events::Event,
    item::{Item, PassedOver},
    node::NodeRef,
};
use crate::base::{foreign, state::Interrupt};

impl NodeRef {
    /// Ends the task from outside.
    pub(crate) fn interrupt(&self, why: Interrupt) {
        let (is_to_be_sent, unstarted) = self.interrupt_state(why);
        // Also where a success stays one: nobody needs what the worker does from now on.
        if self.is_interrupted() {
            self.cancel_worker();
        }
        if is_to_be_sent {
            self.tell(Event::Interrupted(why));
            self.send();
        }
        drop(unstarted);
    }

    /// Whether nobody waits for the result any more.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.state.is_interrupted() || !self.level.queue.is_open()
    }

    /// Ends the task if its time is up: where nobody iterates the loop, no
    /// source does.
    pub(crate) fn check_deadline(&self) {
        if self
            .deadline()
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            self.interrupt(Interrupt::TimedOut);
        }
    }

    /// Sends a delivery through the loop. With the context dead the callback is dropped
    /// at home, and the result here: it was made here, or not at all.
    pub(crate) fn send(&self) {
        self.tell(Event::Queued);
        if self
            .level
            .push(Item::Task(self.clone(), PassedOver::default()))
            .is_err()
        {
            self.drop_unsent_result();
        }
    }

    /// The cancellable for the blocking calls of the worker.
    pub(crate) fn worker_cancellable(&self) -> &gio::Cancellable {
        let cancellable = &self.or_extra().worker_cancellable;
        let cancellable = cancellable.get_or_init(|| {
            // What foreign code attaches to it may be dropped here, with the task.
            foreign::untimed();
            gio::Cancellable::new()
        });
        if self.state.was_interrupted() || !self.level.queue.is_open() {
            cancellable.cancel();
        }
        cancellable
    }

    /// Stops what blocks the worker. No lock is held here: the cancellable's
    /// handlers are foreign code.
    pub(super) fn cancel_worker(&self) {
        if let Some(cancellable) = self
            .extra()
            .and_then(|extra| extra.worker_cancellable.get())
        {
            cancellable.cancel();
        }
    }

    /// Blocks until the worker has returned or will never run, or until the
    /// callback has run.
    pub(crate) fn wait_for_worker(&self) {
        let deadline = self.deadline();
        if deadline.is_some() {
            self.state.wait_for_worker(deadline);
            self.check_deadline();
        }
        self.state.wait_for_worker(None);
    }

    /// Blocks until the callback has run, but not for longer than `patience`.
    pub(crate) fn wait_for_callback(&self, patience: Duration) {
        let until = Instant::now().checked_add(patience);
        self.state.wait_for_callback(until);
    }

    /// Takes back a delivery that has been done here, so that a context that
    /// nobody iterates does not gather them.
    pub(crate) fn take_back(&self) {
        if self.state.take_back() {
            self.level
                .take_back(|item| matches!(item, Item::Task(node, _) if node == self));
        }
    }
}
