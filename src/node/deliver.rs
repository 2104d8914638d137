//! How a task ends at home: its callback is called, here and now or as its delivery is due.

use std::{mem, time::Instant};

use glib::MainContext;

use super::{
    completer::Completer, context_ref::ContextRef, extra::Extra, messages::NotYet, node::NodeRef,
    registry, task_messages::Delivered,
};
use crate::{
    Error,
    base::state::{Interrupt, Verdict},
    context::current::{is_thread_default, within},
};

impl<T: 'static, E: 'static> Completer<T, E> {
    /// Ends the task here, where its callback runs. `context` is its own, if it has one.
    #[inline]
    pub(crate) fn complete_here(self, context: &ContextRef, result: Result<T, Error<E>>) {
        self.node().tell_completed(&result);
        let mut this = self;
        let node = this.node();
        let queue = &node.level.queue;
        let address = queue.context_address();
        // One that was interrupted takes the long way: its callback gets that, and not `result`.
        // It can look alone all the same, where the delivery could not be sent, as its context
        // is closed.
        if !queue.per_context.reports.any()
            && is_thread_default(address)
            && node.is_alone_now()
            && !node.state.is_interrupted()
            && let Some(registered) = registry::remove(node)
        {
            // Straight to the callback, and by nothing that others may touch.
            match this.into_alone(registered) {
                Ok(alone) => return alone.complete(result),
                Err(shared) => this = shared,
            }
        }
        within(address, Some(context.get()), || {
            let (node, is_wanted) = this.leave(result);
            if is_wanted {
                let _ = node.deliver(None);
            } else if node.clone().deliver(None).is_ok() {
                // It was ended otherwise, which is told here, and not once more by the loop.
                node.take_back();
            }
        });
    }

    /// Ends the task through the loop.
    pub(crate) fn complete_in_idle(self, result: Result<T, Error<E>>) {
        self.node().tell_completed(&result);
        let (node, is_wanted) = self.leave(result);
        if is_wanted {
            node.send();
        }
    }
}

impl NodeRef {
    /// Whether the callback waits for `context`, which this thread owns, and may run here.
    pub(crate) fn waits_for(&self, context: &MainContext) -> bool {
        let queue = &self.level.queue;
        self.may_touch_callback_here() && queue.serves(context) && !self.state.is_taken()
    }

    /// Whether the callback is due on the context of this address, and may run on this thread.
    pub(super) fn is_due_here(&self, context: usize) -> bool {
        // Another context may have the address of one that is gone.
        let queue = &self.level.queue;
        let is_its = queue.context_address() == context && queue.is_open();
        self.may_touch_callback_here() && is_its && self.state.verdict().is_some()
    }

    /// Its [`Latest`](super::latest::Latest) wants it no more, and nothing comes of it.
    pub(super) fn give_up(&self) {
        self.interrupt(Interrupt::Cancelled);
        // One whose worker has committed goes on, with what it reports.
        if self.is_interrupted() {
            drop(self.extra().and_then(Extra::take_owners));
        }
    }

    /// Runs the callback here, if it is due and has not been taken, with the
    /// context as the thread's default. A delivery that was sent is not needed any more.
    pub(crate) fn deliver_here(&self, held: Option<&MainContext>) {
        let queue = &self.level.queue;
        if queue.within(held, || self.clone().deliver(None)).is_ok() {
            self.take_back();
        }
    }

    /// Runs the callback here, if it is due and has not been taken. Called at home. What comes
    /// before it may take until `end`, or wait.
    pub(crate) fn deliver(self, end: Option<Instant>) -> Result<(), NotYet> {
        if self.level.queue.per_context.reports.any() {
            self.deliver_reports();
        }
        if self.has_messages() {
            match self.deliver_messages(end) {
                Delivered::All => {}
                Delivered::Some => return Err(NotYet::Next(self)),
                Delivered::Nothing => return Err(NotYet::Deferred),
            }
        }
        if self.is_alone_now()
            && let Some(registered) = registry::remove(&self)
        {
            match self.into_alone(registered) {
                Ok(alone) => alone.deliver(),
                Err(shared) => shared.deliver_shared(),
            }
        } else {
            self.deliver_shared();
        }
        Ok(())
    }

    /// What was reported before a completion comes first, and may still cancel the task.
    #[cold]
    fn deliver_reports(&self) {
        let unwinding = Resend(self);
        self.level.queue.per_context.reports.deliver_all();
        mem::forget(unwinding);
    }

    /// Likewise what was sent before.
    #[cold]
    fn deliver_messages(&self, end: Option<Instant>) -> Delivered {
        let unwinding = Resend(self);
        let delivered = self.deliver_own_messages(end);
        mem::forget(unwinding);
        delivered
    }

    /// Delivers a task that others know, too.
    fn deliver_shared(&self) {
        /// Finishes also when the callback unwinds, as it may when it runs inline.
        struct Finish<'a>(&'a NodeRef);
        impl Drop for Finish<'_> {
            fn drop(&mut self) {
                self.0.state.finish();
                self.0.leave_if_over();
            }
        }

        // What delivers here may be a handler of "cancelled" that was connected before ours,
        // which has not run then. So the cancellable is asked itself: a cancellation wins.
        if self.extra().is_some_and(Extra::is_cancelled) {
            self.interrupt(Interrupt::Cancelled);
        }
        if let Some(membership) = self.membership() {
            membership.before_callback(self.level.queue.context_address());
        }
        let Some(callback) = self.take_callback() else {
            return;
        };
        if let Verdict::Interrupted(why) = callback.verdict() {
            self.note_interrupt(why);
        }
        let _finish = Finish(self);
        let _registered = registry::remove(self);
        drop(self.extra().and_then(Extra::take_attached));
        callback.call();
    }
}

/// Delivers later what could not be delivered now, as foreign code unwound.
struct Resend<'a>(&'a NodeRef);

impl Drop for Resend<'_> {
    fn drop(&mut self) {
        self.0.send();
    }
}
