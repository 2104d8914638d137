//! Handles on tasks under way, and what workers do, in the model.

use super::{
    Model,
    task::{Future, Task, Worker},
};
use crate::{
    event::{Id, Outcome, Part, What, Who},
    program::{Act, Driver, Slot, Thread, WorkerEnd},
};

impl Model {
    /// The function is called by the loop of its own thread.
    pub(super) fn start_driving(&mut self, slot: Slot, driver: Driver, by: Thread) -> Option<()> {
        let id = self.held(slot)?;
        if !self.is_here(id, Who::Home(by)) {
            return None;
        }
        let Task { context, home, .. } = *self.task(id);
        // What drives it would stay on this thread, and the context does not.
        self.context(context).thread?;
        self.task(id).is_held = false;
        self.task(id).is_watched = true;
        self.task(id).driver = Some(driver);
        self.task(id).driven_by = Some(by);
        if let Some(why) = self.task(id).will_be.take() {
            self.decide(id, why, Who::Home(by));
        }
        self.add_driver(id);
        if self.task(id).is_settled {
            self.stop_driving(id);
        }
        self.release_handle(context, home, Who::Home(by));
        Some(())
    }

    pub(super) fn run(&mut self, slot: Slot, by: Thread) -> Option<()> {
        let id = self.held(slot)?;
        let task = self.task(id);
        task.is_held = false;
        task.running = Some(by);
        if let Some(why) = task.will_be.take() {
            task.worker = Worker::Over;
            self.decide(id, why, Who::Home(by));
        }
        let task = self.task(id);
        if task.decided.is_none() && !task.limits.is_empty() {
            self.take_places(id);
            return Some(());
        }
        let what = if task.decided.is_none() {
            task.worker = Worker::Stopped;
            What::Started(id)
        } else {
            task.worker = Worker::Over;
            What::Spared(id)
        };
        self.log(Who::Worker(id), what);
        Some(())
    }

    /// Those that wait for a thread start by their priority, and equals in order.
    pub(super) fn run_all(&mut self, cancelled: Option<Slot>, by: Thread) -> Option<()> {
        if self.is_any_lent() {
            return None;
        }
        let mut waiting = Vec::new();
        for slot in Slot::ALL {
            let Some(id) = self.held(slot) else { continue };
            let task = self.task(id);
            if task.plan.is_grouped() {
                continue;
            }
            if task.decided.is_some() || task.will_be.is_some() || task.plan.dedicated {
                let _ = self.run(slot, by);
            } else {
                task.is_held = false;
                task.running = Some(by);
                waiting.push((task.level(), id));
            }
        }
        let cancelled = cancelled.and_then(|slot| self.slots[slot as usize]);
        if let Some(id) = cancelled
            && let Some(index) = waiting.iter().position(|(_, other)| *other == id)
        {
            waiting.remove(index);
            self.task(id).worker = Worker::Over;
            self.log(Who::Worker(id), What::Spared(id));
            self.cancel(id, Who::Home(by));
        }
        waiting.sort_by_key(|(level, _)| *level);
        for (_, id) in waiting {
            self.task(id).worker = Worker::Stopped;
            self.log(Who::Worker(id), What::Started(id));
        }
        Some(())
    }

    pub(super) fn act(&mut self, id: Id, act: Act) -> Option<()> {
        let who = Who::Worker(id);
        match act {
            Act::Check | Act::CheckCancellable => {
                // Nobody asks the clock for a cancellable.
                if act == Act::Check {
                    self.check_deadline(id, who);
                }
                let context = self.task(id).context;
                let is_dead = !self.context(context).is_alive;
                let is_cancelled = self.task(id).is_interrupted || is_dead;
                self.log(who, What::Checked(id, is_cancelled));
            }
            Act::Commit => {
                if self.is_cancellable_cancelled(id) {
                    self.cancel(id, who);
                }
                self.check_deadline(id, who);
                let context = self.task(id).context;
                let is_alive = self.context(context).is_alive;
                let task = self.task(id);
                let is_free = is_alive && task.decided.is_none() && !task.is_interrupted;
                task.is_committed |= is_free;
                self.log(who, What::Committed(id, is_free));
            }
            Act::Report(bar) => self.report(bar),
            Act::Send(slot) => self.try_send(slot, who)?,
            Act::CancelToken(token) => self.cancel_token(token, who),
            Act::CancelGroup(team) => {
                let group = self.teams[team as usize]?;
                self.cancel_group(group, None, who);
            }
            Act::Complete(slot, end) => {
                let other = self.held(slot)?;
                self.complete(other, end.into(), who);
            }
            Act::Drop(slot) => {
                let other = self.held(slot)?;
                self.complete_in_idle(other, Outcome::Abandoned, who);
            }
            Act::Own(end) if self.task(id).plan.is_grouped() => {
                if self.is_any_lent() {
                    return None;
                }
                self.lend_places(id, end);
            }
            Act::Own(end) => self.call_own(id, end),
        }
        Some(())
    }

    /// The task that this worker has made and waited for has ended.
    pub(super) fn call_own(&mut self, id: Id, end: WorkerEnd) {
        let who = Who::Worker(id);
        let outcome = Outcome::from(end);
        self.log(who, What::Called(Id::MAX, outcome, Some(Id::MAX)));
        if outcome.has_value() {
            self.log(who, What::Dropped(Part::Value(Id::MAX)));
        }
        self.log(who, What::Dropped(Part::Callback(Id::MAX)));
    }

    pub(super) fn wait(&mut self, slot: Slot, end: WorkerEnd, by: Thread) -> Option<()> {
        let id = self.running(slot, by)?;
        let task = self.task(id);
        let (context, home) = (task.context, task.home);
        let may_wait = match home {
            None => !self.is_taken(context, by),
            // It would wait for the thread that waits for it.
            Some(home) => home == by || self.task(id).is_finished,
        };
        if !may_wait {
            return None;
        }
        let task = self.task(id);
        if matches!(task.worker, Worker::Waiting | Worker::Lent) {
            return None;
        }
        if task.worker == Worker::Stopped && !task.is_finished {
            self.finish_worker(id, end.into());
        }
        // It has been given up by now.
        self.task(id).running = None;
        self.check_deadline(id, Who::Home(by));
        if home == Some(by) || home.is_none() && !self.task(id).is_finished {
            self.deliver_within(id, by, true);
            if self.unwinding != Some(id) {
                let (context, level) = (self.task(id).context, self.task(id).level());
                self.unqueue(context, level, id);
            }
        }
        self.drop_running(id, Who::Home(by));
        Some(())
    }

    pub(super) fn drop_running(&mut self, id: Id, who: Who) {
        self.task(id).running = None;
        let Task { context, home, .. } = *self.task(id);
        self.release_handle(context, home, who);
    }

    pub(super) fn poll(&mut self, slot: Slot, who: Who) -> Option<()> {
        let (id, task) = self.in_slot(slot)?;
        match task.future? {
            Future::Pending => {
                task.has_waker = true;
                self.log(who, What::Polled(id, None));
            }
            Future::Ready(outcome) => {
                task.future = None;
                self.log(who, What::Polled(id, Some(outcome)));
                if outcome.has_value() {
                    self.log(who, What::Dropped(Part::Value(id)));
                }
            }
        }
        Some(())
    }

    pub(super) fn drop_future(&mut self, slot: Slot, who: Who) -> Option<()> {
        let (id, task) = self.in_slot(slot)?;
        let future = task.future.take()?;
        self.cancel(id, who);
        if matches!(future, Future::Ready(outcome) if outcome.has_value()) {
            self.log(who, What::Dropped(Part::Value(id)));
        }
        Some(())
    }

    /// Nobody awaits it any more. A result that has come is dropped here.
    pub(super) fn detach_future(&mut self, slot: Slot, who: Who) -> Option<()> {
        let (id, task) = self.in_slot(slot)?;
        let future = task.future.take()?;
        task.has_waker = false;
        if matches!(future, Future::Ready(outcome) if outcome.has_value()) {
            self.log(who, What::Dropped(Part::Value(id)));
        }
        Some(())
    }
}
