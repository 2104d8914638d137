//! Tasks in the model: what decides them, and what becomes of the callback.

use std::collections::VecDeque;

use super::{Handler, Model, context::Item, is_home, messages::Messages};
use crate::{
    event::{Id, Outcome, Part, What, Who},
    program::{Driver, Go, Kind, Level, Plan, Thread, Timeout},
};

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Task {
    pub(super) plan: Plan,
    pub(super) context: Id,
    /// The thread of the callback. `None`: whichever iterates the context.
    pub(super) home: Option<Thread>,
    cancellable: Option<Id>,
    /// What the callback gets, as things stand.
    pub(super) decided: Option<Outcome>,
    /// What the completer has left for the callback, until it is delivered or dropped.
    pub(super) left: Option<Outcome>,
    /// Somebody has cancelled it, or its time was up, before it was delivered.
    pub(super) is_interrupted: bool,
    /// What decides as the completer ends.
    pub(super) will_be: Option<Outcome>,
    /// Its worker is past the point of no return.
    pub(super) is_committed: bool,
    /// The callback was called, or never will be.
    pub(super) is_settled: bool,
    has_callback: bool,
    /// The callback has returned, or was dropped.
    pub(super) is_finished: bool,
    /// The `QioTask` is held.
    pub(super) is_held: bool,
    /// The thread that has the `Running`.
    pub(super) running: Option<Thread>,
    pub(super) worker: Worker,
    /// The `Watch` is held.
    pub(super) is_watched: bool,
    pub(super) driver: Option<Driver>,
    /// The thread that drives it.
    pub(super) driven_by: Option<Thread>,
    /// The `Progress` that belongs to it.
    pub(super) owns: Option<Id>,
    pub(super) messages: Option<Messages>,
    /// The groups that have it.
    pub(super) groups: Vec<Id>,
    /// The groups whose limits hold for it.
    pub(super) limits: Vec<Id>,
    /// The `Latest` that it is in.
    pub(super) latest: Option<Id>,
    /// It tells of the end of a group.
    pub(super) tells_end: bool,
    /// What its function will find, one at a time.
    pub(super) ready: VecDeque<Go>,
    pub(super) future: Option<Future>,
    /// Who has polled it is woken, also when the future has been dropped.
    pub(super) has_waker: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Worker {
    None,
    /// It waits for a place in each group.
    Waiting,
    /// Between two of its steps.
    Stopped,
    /// It waits for a task of its own, and has lent its places.
    Lent,
    Over,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Future {
    Pending,
    Ready(Outcome),
}

impl Worker {
    /// It has not returned, and may run.
    pub(super) fn is_pending(self) -> bool {
        !matches!(self, Self::None | Self::Over)
    }
}

impl Task {
    pub(super) fn new(
        plan: &Plan,
        context: Id,
        home: Option<Thread>,
        cancellable: Option<Id>,
    ) -> Self {
        let is_future = plan.kind == Kind::Future;
        let mut plan = plan.clone();
        if plan.latest {
            // Nothing comes of it once it is replaced.
            plan.unchecked = false;
            plan.returns_first = false;
        }
        let messages = plan.has_messages().then(Messages::new);
        Self {
            plan,
            context,
            home,
            cancellable,
            decided: None,
            left: None,
            is_interrupted: false,
            will_be: None,
            is_committed: false,
            is_settled: false,
            has_callback: true,
            is_finished: false,
            is_held: true,
            running: None,
            worker: Worker::None,
            is_watched: false,
            driver: None,
            driven_by: None,
            owns: None,
            messages,
            groups: Vec::new(),
            limits: Vec::new(),
            latest: None,
            tells_end: false,
            ready: VecDeque::new(),
            future: is_future.then_some(Future::Pending),
            has_waker: false,
        }
    }

    /// Whether something of it is still held, or its worker has not returned.
    pub(super) fn is_in_use(&self) -> bool {
        self.is_held
            || self.running.is_some()
            || self.is_watched
            || self.future.is_some()
            || self.worker.is_pending()
    }

    /// Its callback has returned, or never will be called, and its worker likewise.
    pub(super) fn is_over(&self) -> bool {
        self.is_finished && !self.worker.is_pending()
    }

    /// Whether a value comes with this.
    pub(super) fn has_value(&self, outcome: Outcome) -> bool {
        outcome.has_value() && !self.tells_end
    }

    pub(super) fn level(&self) -> Level {
        self.plan.priority
    }
}

impl Model {
    /// Drops the value that was left, if there is one.
    pub(super) fn drop_left(&mut self, id: Id, who: Who) {
        let left = self.task(id).left.take();
        if left.is_some_and(|left| self.task(id).has_value(left)) {
            self.log(who, What::Dropped(Part::Value(id)));
        }
    }

    /// Drops the value that was left in time, and that nobody wants any more. That of a worker
    /// is dropped by any of the library's threads, some time.
    pub(super) fn drop_unwanted(&mut self, id: Id, who: Who) {
        let is_workers = self.task(id).worker != Worker::None;
        self.drop_left(id, if is_workers { Who::Stranger } else { who });
    }

    /// Whether `complete` by `who` calls the callback at once.
    pub(super) fn is_here(&mut self, id: Id, who: Who) -> bool {
        let Task { context, home, .. } = *self.task(id);
        match (home, who) {
            (Some(_), _) => is_home(who, home),
            (None, Who::Home(thread)) => self.context(context).owners.last() == Some(&thread),
            _ => false,
        }
    }

    /// `QioTask::complete`
    pub(super) fn complete(&mut self, id: Id, outcome: Outcome, who: Who) {
        match who {
            Who::Home(by) if self.is_here(id, who) => {
                let context = self.task(id).context;
                self.task(id).is_held = false;
                self.complete_here(id, outcome, by, true);
                self.release_handle(context, self.tasks[id as usize].home, who);
            }
            _ => self.complete_in_idle(id, outcome, who),
        }
    }

    /// The completer ends where the callback runs. What was queued of a task that had been
    /// ended before is taken back, unless the callback unwinds.
    pub(super) fn complete_here(&mut self, id: Id, outcome: Outcome, by: Thread, is_inline: bool) {
        let decides = self.leave_result(id, outcome, Who::Home(by));
        self.deliver_within(id, by, is_inline);
        if !decides && self.unwinding != Some(id) {
            let Task { context, plan, .. } = self.task(id);
            let (context, level) = (*context, plan.priority);
            self.unqueue(context, level, id);
        }
    }

    /// `QioTask::complete_in_idle`, and also what dropping one does.
    pub(super) fn complete_in_idle(&mut self, id: Id, outcome: Outcome, who: Who) {
        let Task { context, home, .. } = *self.task(id);
        self.task(id).is_held = false;
        self.release_handle(context, home, who);
        if self.leave_result(id, outcome, who) {
            self.send(id, who);
        }
    }

    /// The worker returns.
    pub(super) fn finish_worker(&mut self, id: Id, outcome: Outcome) {
        self.task(id).worker = Worker::Over;
        if self.leave_result(id, outcome, Who::Worker(id)) {
            self.send(id, Who::Worker(id));
        }
        self.give_places_back(id);
    }

    /// The completer has ended. Says whether that decides how the task ends; else nobody
    /// wants what it leaves, which is dropped at once.
    pub(super) fn leave_result(&mut self, id: Id, outcome: Outcome, who: Who) -> bool {
        let task = self.task(id);
        let decides = task.decided.is_none() && !task.is_settled;
        // Its groups hear of an error before the task can leave them.
        if decides && !task.is_interrupted {
            self.note_error(id, outcome, who);
        }
        let task = self.task(id);
        let superseded_by = task.will_be.take().filter(|_| decides);
        if decides {
            task.decided = Some(superseded_by.unwrap_or(outcome));
        }
        if decides && superseded_by.is_none() {
            task.left = Some(outcome);
        } else if self.task(id).has_value(outcome) {
            self.log(who, What::Dropped(Part::Value(id)));
        }
        self.leave_if_over(id, who);
        decides
    }

    /// Somebody else ends the task, if there is time: a success that was not
    /// delivered yet gives way, unless the task was told not to look.
    fn interrupt(&mut self, id: Id, why: Outcome, who: Who) {
        let task = self.task(id);
        if task.is_settled || task.is_committed {
            return;
        }
        task.is_interrupted = true;
        self.shut_messages(id);
        let task = self.task(id);
        let returns_first = task.plan.returns_first
            && task.driver.is_none()
            && !matches!(task.worker, Worker::Waiting | Worker::Over);
        match task.decided {
            None if returns_first => {
                task.will_be.get_or_insert(why);
            }
            None => {
                task.decided = Some(why);
                self.note_error(id, why, who);
                self.decide(id, why, who);
                self.spare_waiting(id);
            }
            // Its delivery is on its way.
            Some(Outcome::Ok) if !task.plan.unchecked => task.decided = Some(why),
            Some(_) => {}
        }
    }

    /// It ends so, before its completer.
    pub(super) fn decide(&mut self, id: Id, why: Outcome, who: Who) {
        self.task(id).decided = Some(why);
        self.send(id, who);
    }

    pub(super) fn cancel(&mut self, id: Id, who: Who) {
        self.interrupt(id, Outcome::Cancelled, who);
    }

    pub(super) fn time_out(&mut self, id: Id, who: Who) {
        self.interrupt(id, Outcome::TimedOut, who);
    }

    /// Finds out that the time is up where no loop does.
    pub(super) fn check_deadline(&mut self, id: Id, who: Who) {
        if self.task(id).plan.timeout == Timeout::Zero {
            self.time_out(id, who);
        }
    }

    /// Sends a delivery through the loop. With the context dead, what was left is dropped
    /// here; the callback is, at home.
    pub(super) fn send(&mut self, id: Id, who: Who) {
        let task = self.task(id);
        let (context, level) = (task.context, task.level());
        if !self.queue(context, level, Item::Task(id)) {
            self.drop_left(id, who);
        }
    }

    /// Drops the callback, uncalled, and what was left for it.
    pub(super) fn bury(&mut self, id: Id, who: Who) {
        let task = self.task(id);
        if std::mem::replace(&mut task.is_settled, true) {
            return;
        }
        task.is_interrupted = true;
        task.is_finished = true;
        self.discard_messages(id);
        self.spare_waiting(id);
        self.drop_callback(id, who);
        self.drop_unwanted(id, who);
        self.leave_if_over(id, who);
    }

    pub(super) fn drop_callback(&mut self, id: Id, who: Who) {
        if !std::mem::take(&mut self.task(id).has_callback) {
            return;
        }
        self.untie(id);
        match self.task(id).plan.kind {
            // The promise is broken, unless it has been kept.
            Kind::Future => self.keep_promise(id, Outcome::Abandoned, who),
            _ => self.log(who, What::Dropped(Part::Callback(id))),
        }
        if self.task(id).plan.source && !matches!(self.task(id).plan.kind, Kind::For(_)) {
            self.log(who, What::Dropped(Part::Source(id)));
        }
    }

    /// Nothing ends it any more.
    pub(super) fn untie(&mut self, id: Id) {
        self.stop_driving(id);
        if let Some(bar) = self.task(id).owns.take() {
            self.disown_bar(bar);
        }
        if let Some(cancellable) = self.task(id).cancellable {
            let cancellable = &mut self.cancellables[cancellable as usize];
            cancellable
                .handlers
                .retain(|handler| *handler != Handler::Task(id));
        }
    }

    pub(super) fn is_cancellable_cancelled(&self, id: Id) -> bool {
        let cancellable = self.tasks[id as usize].cancellable;
        cancellable.is_some_and(|id| self.cancellables[id as usize].is_cancelled)
    }

    pub(super) fn keep_promise(&mut self, id: Id, outcome: Outcome, who: Who) {
        let task = self.task(id);
        let has_waker = std::mem::take(&mut task.has_waker);
        match &mut task.future {
            Some(Future::Ready(_)) => return,
            Some(future) => *future = Future::Ready(outcome),
            // Nobody waits for it.
            None if outcome.has_value() => self.log(who, What::Dropped(Part::Value(id))),
            None => {}
        }
        if has_waker {
            self.log(who, What::Woken(id));
        }
    }
}
