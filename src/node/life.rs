//! The life of a task as any thread has a part in it: it is interrupted, sent, waited for.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use gio::prelude::*;

use super::{
    events::Event,
    extra::Extra,
    group,
    group_error::GroupError,
    item::{Item, PassedOver, Timed},
    limits::LIMITS,
    member::{Left, TaskSet},
    node::NodeRef,
    runner,
};
use crate::{
    Error,
    base::{foreign, state::Interrupt, wake_slot::WakeSlot},
};

/// Who waits looks again no sooner whether a worker has started that is to show signs of life.
const PAUSE: Duration = Duration::from_millis(10);

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
            self.note_interrupt(why);
            self.send();
        }
        drop(unstarted);
    }

    /// Tells the groups that it has ended so, if that is an error.
    pub(super) fn note_interrupt(&self, why: Interrupt) {
        if why == Interrupt::TimedOut && self.has_sets() {
            self.tell_error(&Error::<Infallible>::TimedOut);
        }
    }

    /// Leaves its groups if the callback has returned, or never will be called, and the worker
    /// likewise. Called after each of these.
    #[inline]
    pub(super) fn leave_if_over(&self) {
        if self.has_sets() && self.state.is_over() {
            self.leave();
        }
    }

    fn leave(&self) {
        if let Some(group) = &self.group {
            match self.key.take() {
                Left::Nothing => {}
                Left::Counted => group.leave(),
                Left::Member(key) => group.remove(key),
            }
        }
        if let Some(membership) = self.membership() {
            membership.leave();
        }
    }

    /// Its completer is about to end it: tells those who look, and of an error its groups, unless
    /// that comes too late. They hear of it first, so that the task can't leave them before.
    #[inline]
    pub(super) fn tell_completed<T, E: 'static>(&self, result: &Result<T, Error<E>>) {
        let failed = result.is_err();
        self.tell(Event::Completed { failed });
        if let Err(error) = result
            && self.has_sets()
            && self.state.is_undecided()
        {
            self.tell_error(error);
        }
    }

    /// Tells the groups of the error of a task of C, which is not what its completer ends it with,
    /// unless that comes too late.
    #[cfg(feature = "capi")]
    pub(crate) fn tell_group(&self, error: &Error) {
        if self.state.is_undecided() {
            self.tell_error(error);
        }
    }

    /// The task was made before, and belongs to this from now on, if it belongs to nothing else:
    /// `join` has it known there.
    #[cfg(feature = "capi")]
    pub(crate) fn join_later(&self, membership: super::member::Membership, join: impl FnOnce()) {
        if self.or_extra().membership.set(Box::new(membership)).is_ok() {
            join();
            // Another thread may have run the callback by now, and found that it is in none.
            self.leave_if_over();
        }
    }

    #[cold]
    fn tell_error<E: 'static>(&self, error: &Error<E>) {
        let Some(error) = GroupError::new(self.name(), self.place, error) else {
            return;
        };
        if let Some(group) = &self.group
            && self.key.get().is_some()
        {
            group.note_error(&error, self);
        }
        if let Some(membership) = self.membership() {
            membership.failed(&error);
        }
    }

    /// The completer of a task in groups has ended: the worker of another may have its place.
    pub(super) fn completer_ended(&self) {
        runner::give_places_back(self);
        self.leave_if_over();
    }

    /// Whether nobody waits for the result any more.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.state.is_interrupted() || !self.level.queue.is_open()
    }

    /// Ends the task if its time is up: where nobody iterates the loop, no
    /// source does.
    pub(crate) fn check_deadline(&self) {
        if self
            .times_out_at()
            .is_some_and(|time| Instant::now() >= time)
        {
            self.interrupt(Interrupt::TimedOut);
        }
    }

    /// When the task times out, if nothing happens before.
    fn times_out_at(&self) -> Option<Instant> {
        let extra = self.extra()?;
        let inactive = extra.inactivity.get().and_then(|life| life.end());
        extra.deadline.into_iter().chain(inactive).min()
    }

    /// When who waits looks again: the worker may have started by then.
    fn looks_again_at(&self) -> Option<Instant> {
        let extra = self.extra()?;
        let life = extra.inactivity.get();
        let inactive = life.map(|life| {
            let starts_later = || Instant::now() + life.limit.max(PAUSE);
            life.end().unwrap_or_else(starts_later)
        });
        extra.deadline.into_iter().chain(inactive).min()
    }

    /// How its worker is to show signs of life, if it is.
    #[cfg(feature = "capi")]
    pub(crate) fn inactivity(&self) -> Option<&super::inactivity::Inactivity> {
        Some(self.extra()?.inactivity.get()?)
    }

    /// The worker shows a sign of life.
    pub(crate) fn touch(&self) {
        if let Some(life) = self.extra().and_then(|extra| extra.inactivity.get()) {
            life.touch();
        }
    }

    /// The worker starts: its signs of life are looked for from now on.
    pub(super) fn begin_life(&self) {
        if let Some(life) = self.extra().and_then(|extra| extra.inactivity.get()) {
            life.begin();
            self.look_for_life_again(false);
        }
    }

    /// The worker is to have shown a sign of life. Called in a dispatch.
    pub(super) fn look_for_life(&self) {
        self.check_deadline();
        if self.state.may_be_interrupted() {
            self.look_for_life_again(true);
        }
    }

    fn look_for_life_again(&self, is_owner: bool) {
        let Some(extra) = self.extra() else { return };
        let end = extra.inactivity.get().and_then(|life| life.end());
        let Some(end) = end else { return };
        let look = Timed::Inactive(self.clone());
        let timer = self.level.queue.add_timer(end, look, || is_owner);
        let last = extra.with_attached(|attached| attached.inactivity_timer.replace(timer));
        drop(last);
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

    /// No cancellation and no timeout ends the task from now on. Says whether that is so: not
    /// when one has.
    pub(crate) fn commit(&self) -> bool {
        // A handler that was connected before ours may be cancelling it just now, and where nobody
        // iterates the loop no source looks at the time.
        if self.extra().is_some_and(Extra::is_cancelled) {
            self.interrupt(Interrupt::Cancelled);
        }
        self.check_deadline();
        self.level.queue.is_open() && self.state.commit()
    }

    /// The flag that the worker's own code looks at.
    pub(crate) fn stop_flag(&self) -> Arc<AtomicBool> {
        let flag = self.or_extra().stop_flag.get_or_init(Arc::default);
        // ORDERING: it says something, and nothing else with it.
        if self.state.was_interrupted() || !self.level.queue.is_open() {
            flag.store(true, Ordering::Relaxed);
        }
        flag.clone()
    }

    /// Nobody waits for what the worker does any more, or it has returned.
    pub(crate) fn raise_stop_flag(&self) {
        if let Some(flag) = self.extra().and_then(|extra| extra.stop_flag.get()) {
            flag.store(true, Ordering::Relaxed);
        }
    }

    /// Stops what blocks the worker. No lock is held here: the cancellable's
    /// handlers are foreign code.
    pub(super) fn cancel_worker(&self) {
        self.raise_stop_flag();
        self.shut_messages();
        if let Some(cancellable) = self
            .extra()
            .and_then(|extra| extra.worker_cancellable.get())
        {
            cancellable.cancel();
        }
    }

    /// Blocks until the worker has returned or will never run, or until the
    /// callback has run; or until something else `is_due`, which runs no foreign code.
    pub(crate) fn wait_for_worker(&self, is_due: &dyn Fn() -> bool) {
        loop {
            let time = self.looks_again_at();
            let until = time.filter(|_| self.state.may_be_interrupted());
            let is_over = self.state.wait_for_worker(until, is_due);
            self.check_deadline();
            if is_over {
                return;
            }
        }
    }

    /// Blocks until the worker has returned or will never run, whatever has become of the
    /// callback; or until something else is due, as above.
    pub(crate) fn wait_for_worker_end(&self, is_due: &dyn Fn() -> bool) {
        self.state.wait_for_worker_end(is_due);
    }

    /// Whether the worker has returned, or never will run. If not, `waker` is kept in `slot`, and
    /// woken when that may have changed.
    pub(crate) fn poll_worker_end(&self, slot: &Arc<WakeSlot>, waker: &Waker) -> Poll<()> {
        self.state.poll_worker_end(slot, waker)
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

impl group::Member for NodeRef {
    fn cancel(&self) {
        self.interrupt(Interrupt::Cancelled);
    }

    fn open_limit() -> usize {
        LIMITS.open()
    }

    fn close_limit(limit: usize) {
        LIMITS.close(limit);
    }
}
