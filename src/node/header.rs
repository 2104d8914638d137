//! [`Header`]: the side of a task that any thread may touch, whatever its types are, and
//! the life of a task: how it is interrupted, sent, delivered and waited for.

use std::{
    io, mem,
    num::NonZero,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::{MainContext, Priority};

use super::{
    due::{Item, Level},
    extra::{Extra, Ties},
    node::{NodeRef, Parts},
    registry,
};
use crate::{
    base::state::{Interrupt, State},
    observe::{self, trace},
};

/// What is told of a task as its callback is called.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "one backend alone looks at all of it")]
pub(crate) struct Details<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) priority: Priority,
}

/// See the module's documentation.
pub(crate) struct Header {
    pub(super) state: State,
    /// The thread of the callback, by its number. `None` for whichever iterates the context.
    pub(crate) home: Option<NonZero<u32>>,
    /// Where the registry has it; written as it is put there, and read as it is taken out.
    pub(super) index: AtomicU32,
    /// How many tasks were made at its home before; written likewise.
    pub(super) turn: AtomicU32,
    pub(crate) level: Arc<Level>,
    extra: OnceLock<Box<Extra>>,
}

impl Header {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "each field goes straight to its place")]
    pub(super) fn new(parts: Parts<'_>, is_local: bool) -> Self {
        Self {
            state: State::new(parts.keeps_success),
            home: is_local.then(registry::thread),
            index: AtomicU32::new(0),
            turn: AtomicU32::new(0),
            level: parts.level,
            extra: parts.extra.map_or_else(OnceLock::new, OnceLock::from),
        }
    }

    /// The number of the task, which no other one of the process has, unless that has made
    /// four billion tasks on one thread.
    #[inline]
    pub(crate) fn id(&self) -> u64 {
        let home = self.home.map_or(0, NonZero::get);
        // ORDERING: written before anybody else knows the task.
        u64::from(home) << 32 | u64::from(self.turn.load(Ordering::Relaxed))
    }

    #[inline]
    pub(crate) fn extra(&self) -> Option<&Extra> {
        self.extra.get().map(|extra| &**extra)
    }

    /// What few tasks have; made here, if need be.
    fn or_extra(&self) -> &Extra {
        self.extra.get_or_init(Box::default)
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.extra()?.name.as_deref()
    }

    pub(crate) fn details(&self) -> Details<'_> {
        Details {
            name: self.name(),
            priority: self.level.priority(),
        }
    }

    pub(crate) fn has_dedicated_thread(&self) -> bool {
        self.extra().is_some_and(|extra| extra.dedicated_thread)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.extra()?.deadline
    }

    /// The cancellable that the task was given, until it has ended.
    pub(crate) fn cancellable(&self) -> Option<gio::Cancellable> {
        self.extra()?.cancellable()
    }

    /// Changes what is undone as the task ends, unless it has ended. `change`
    /// runs no foreign code. Called where the callback runs, unless the task has an
    /// [`Extra`] already.
    pub(crate) fn with_ties(&self, change: impl FnOnce(&mut Ties)) {
        // One that has ended without an `Extra` is not given a new one: nobody would undo it.
        if self.is_callback_there() {
            self.or_extra().with_ties(change);
        }
    }

    /// Whether the callback waits on this thread.
    #[inline]
    pub(crate) fn is_home(&self) -> bool {
        self.home == Some(registry::thread())
    }

    /// Whether nobody has taken the callback.
    fn is_callback_there(&self) -> bool {
        !self.state.is_taken()
    }

    /// Whether the callback waits on this thread, and nobody has taken it.
    pub(crate) fn is_callback_here(&self) -> bool {
        self.is_home() && self.is_callback_there()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.state.is_finished()
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.state.is_interrupted() || !self.level.queue.is_open()
    }

    pub(super) fn is_taken_back(&self) -> bool {
        self.state.is_taken_back()
    }

    /// The cancellable for the blocking calls of the worker.
    pub(crate) fn worker_cancellable(&self) -> &gio::Cancellable {
        let cancellable = &self.or_extra().worker_cancellable;
        let cancellable = cancellable.get_or_init(gio::Cancellable::new);
        if self.state.was_interrupted() || !self.level.queue.is_open() {
            cancellable.cancel();
        }
        cancellable
    }

    /// Stops what blocks the worker. No lock is held here: the cancellable's
    /// handlers are foreign code.
    pub(super) fn stop_worker(&self) {
        if let Some(cancellable) = self
            .extra()
            .and_then(|extra| extra.worker_cancellable.get())
        {
            cancellable.cancel();
        }
    }

    /// Blocks until the callback has run, but not for longer than `patience`.
    pub(crate) fn wait_for_callback(&self, patience: Duration) {
        let until = Instant::now().checked_add(patience);
        self.state.wait_for_callback(until);
    }
}

impl NodeRef {
    /// Ends the task from outside, on any thread.
    pub(crate) fn interrupt(&self, why: Interrupt) {
        let interrupted = self.state.interrupt(why);
        if self.is_interrupted() {
            self.stop_worker();
        }
        if interrupted.send {
            trace!("qio_task_cancel", self.id(), self.name(), ?why);
            self.send();
        }
        if interrupted.drop_worker {
            self.drop_worker();
        }
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
        trace!("qio_task_thread_source_attach", self.id(), self.name());
        observe::queued(self.id());
        if self.level.push(Item::Task(self.clone())).is_err() && self.state.take_result() {
            self.drop_result();
        }
    }

    /// A worker has a thread, which is this one: calls it, unless the task has ended.
    pub(crate) fn run_worker(self) {
        // Before it starts: from then on the task may end, with its worker still to be seen.
        let busy = observe::working(self.id());
        if self.state.start_worker() {
            self.call_worker(busy);
        }
    }

    /// There is no thread to be had for the worker.
    pub(crate) fn refuse_worker(self, error: io::Error) {
        if self.state.start_worker() {
            self.refuse_function(error);
        }
    }

    /// The thread of the callback ends: the callback is leaked, as is the result that waits
    /// for it. `None` when the callback was taken.
    pub(super) fn leak(self) -> Option<Left> {
        let withdrawn = self.state.withdraw()?;
        observe::dropped(self.id());
        if let Some(ties) = self.extra().and_then(Extra::take_ties) {
            ties.leak();
        }
        Some(Left {
            has_worker: withdrawn.has_worker,
            node: self,
        })
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

    /// Takes back a delivery that has been done here, so that a context that
    /// nobody iterates does not gather them.
    pub(crate) fn take_back(&self) {
        if self.state.take_back() {
            self.level.take_back(|item| item.is_delivery_of(self));
        }
    }

    /// Runs the callback here, if it is due and has not been taken, with the
    /// context as the thread's default.
    pub(crate) fn deliver_here(&self, held: Option<&MainContext>) {
        self.level.queue.within(held, || self.clone().deliver());
    }

    /// Runs the callback here, if it is due and has not been taken. Called at home.
    pub(crate) fn deliver(self) {
        if self.level.queue.has_progress() {
            self.deliver_progress();
        }
        match self.into_alone() {
            Ok(alone) => alone.deliver(),
            Err(shared) => shared.deliver_shared(),
        }
    }

    /// What was reported before a completion comes first, and may still cancel the task.
    #[cold]
    fn deliver_progress(&self) {
        /// Delivers later what could not be delivered now, as foreign code unwound.
        struct Resend<'a>(&'a NodeRef);
        impl Drop for Resend<'_> {
            fn drop(&mut self) {
                self.0.send();
            }
        }

        let unwinding = Resend(self);
        self.level.queue.deliver_progress();
        mem::forget(unwinding);
    }

    /// The same of a task that others know, too.
    fn deliver_shared(&self) {
        /// Finishes also when the callback unwinds, as it may when it runs inline.
        struct Finish<'a>(&'a NodeRef);
        impl Drop for Finish<'_> {
            fn drop(&mut self) {
                self.0.state.finish();
            }
        }

        // A handler that came before ours may have completed the task.
        if self.extra().is_some_and(Extra::is_cancelled) {
            self.interrupt(Interrupt::Cancelled);
        }
        let Some(taken) = self.state.take() else {
            return;
        };
        trace!("qio_task_thread_result", self.id(), self.name(), verdict = ?taken.verdict);
        let _finish = Finish(self);
        let _registered = registry::remove(self);
        drop(self.extra().and_then(Extra::take_ties));
        self.call_back(taken);
    }

    /// Takes the callback back, uncalled. Says whether it was not too late. Called at home.
    #[cfg(feature = "capi")]
    pub(crate) fn withdraw(&self) -> bool {
        let withdrawn = Withdrawn::new(self.clone());
        let registered = registry::remove(self);
        withdrawn.is_some() && registered.is_some()
    }
}

/// A task whose thread has ended. Its worker is told as this is dropped, on another thread:
/// what it has captured, and what others have connected to its cancellable, may need more
/// than is left of that one.
pub(crate) struct Left {
    node: NodeRef,
    has_worker: bool,
}

impl Left {
    /// Tells who waits for the callback elsewhere, which is foreign code. Called at home.
    pub(super) fn abandon(&self) {
        self.node.abandon();
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        self.node.stop_worker();
        if self.has_worker {
            self.node.drop_worker();
        }
    }
}

/// A task whose callback is dropped, uncalled, with this: at home, and where foreign code
/// may run.
pub(super) struct Withdrawn {
    node: NodeRef,
    what: crate::base::state::Withdrawn,
    ties: Option<Ties>,
}

impl Withdrawn {
    /// Withdraws the callback of a task, unless it was taken.
    pub(super) fn new(node: NodeRef) -> Option<Self> {
        let what = node.state.withdraw()?;
        let mut ties = node.extra().and_then(Extra::take_ties);
        if let Some(ties) = &mut ties {
            ties.forget_sources();
        }
        Some(Self { node, what, ties })
    }
}

impl Drop for Withdrawn {
    fn drop(&mut self) {
        observe::dropped(self.node.id());
        self.node.stop_worker();
        if self.what.has_worker {
            self.node.drop_worker();
        }
        drop(self.ties.take());
        if self.what.has_result {
            self.node.drop_result();
        }
        self.node.drop_callback();
    }
}
