//! What each step does in the model.

use super::{
    Handler, Model, new_id,
    task::{Task, Worker},
};
use crate::{
    event::{Id, Outcome, What, Who},
    program::{
        Driver, End, Kind, Level, On, Op, Place, Plan, Slot, Step, Thread, Timeout, WorkerEnd,
    },
};

impl From<End> for Outcome {
    fn from(end: End) -> Self {
        match end {
            End::Ok => Self::Ok,
            End::Fail => Self::Failed,
        }
    }
}

impl From<WorkerEnd> for Outcome {
    fn from(end: WorkerEnd) -> Self {
        match end {
            WorkerEnd::Ok => Self::Ok,
            WorkerEnd::Fail => Self::Failed,
            WorkerEnd::Panic => Self::Panicked,
        }
    }
}

impl Model {
    /// A step, on its way to its thread, which waits for it there.
    pub(super) fn step(&mut self, here: Thread, step: &Step) {
        self.settle();
        let by = self.thread_of(step);
        if by == here {
            self.take_step(by, step);
        } else if !self.busy[by as usize] {
            self.busy[by as usize] = true;
            self.take_step(by, step);
            self.busy[by as usize] = false;
        }
        self.settle();
    }

    /// A `Running` can't leave its thread.
    fn thread_of(&self, step: &Step) -> Thread {
        let (Op::Wait(slot, _)
        | Op::Cancel(slot)
        | Op::CancelSending(slot)
        | Op::Detach(slot)
        | Op::Ask(slot)) = step.op
        else {
            return step.by;
        };
        let task = self.slots[slot as usize].map(|id| &self.tasks[id as usize]);
        task.and_then(|task| task.running).unwrap_or(step.by)
    }

    fn take_step(&mut self, by: Thread, step: &Step) {
        let place = match step.on {
            On::Current => return self.take_step_here(by, &step.op),
            On::First => Place::FirstOf(by),
            On::Second => Place::SecondOf(by),
            On::Free => Place::Free,
        };
        let context = self.ensure(place);
        if self.is_taken(context, by) {
            return;
        }
        self.keep(context);
        self.enter(context, by);
        self.take_step_here(by, &step.op);
        self.leave(context, by);
        self.release(context, Who::Home(by));
    }

    pub(super) fn in_slot(&mut self, slot: Slot) -> Option<(Id, &mut Task)> {
        let id = self.slots[slot as usize]?;
        Some((id, self.task(id)))
    }

    /// The task of which the `QioTask` is held there.
    pub(super) fn held(&mut self, slot: Slot) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        task.is_held.then_some(id)
    }

    pub(super) fn running(&mut self, slot: Slot, by: Thread) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        (task.running == Some(by)).then_some(id)
    }

    /// The task of which the `Running` is this thread's, or the `Watch` is held.
    pub(super) fn handle(&mut self, slot: Slot, by: Thread) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        (task.is_watched || task.running == Some(by)).then_some(id)
    }

    pub(super) fn stopped_worker(&mut self, slot: Slot) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        (task.worker == Worker::Stopped).then_some(id)
    }

    /// The thread-default context, when this thread may iterate it, or make
    /// local tasks for it.
    fn own_default(&mut self, by: Thread) -> Option<(Id, bool)> {
        let id = self.default_of(Who::Home(by))?;
        match self.context(id).thread {
            Some(thread) if thread != by => None,
            thread => Some((id, thread.is_some())),
        }
    }

    pub(super) fn local_default(&mut self, by: Thread) -> Option<Id> {
        let (id, is_local) = self.own_default(by)?;
        is_local.then_some(id)
    }

    fn take_step_here(&mut self, by: Thread, op: &Op) {
        let who = Who::Home(by);
        // Nothing to do it to: skipped.
        let _ = self.try_op(by, who, op);
        self.log_unwinding(who);
    }

    /// Who has called a callback inline catches its panic.
    pub(super) fn log_unwinding(&mut self, who: Who) {
        if let Some(id) = self.unwinding.take() {
            self.log(who, What::Unwound(id));
        }
    }

    fn try_op(&mut self, by: Thread, who: Who, op: &Op) -> Option<()> {
        match op {
            Op::Make { slot, plan } => self.make(*slot, plan, by)?,
            Op::Complete(slot, end) => {
                let id = self.held(*slot)?;
                self.complete(id, (*end).into(), who);
            }
            Op::CompleteInIdle(slot, end) => {
                let id = self.held(*slot)?;
                self.complete_in_idle(id, (*end).into(), who);
            }
            Op::Drop(slot) => {
                let id = self.held(*slot)?;
                self.complete_in_idle(id, Outcome::Abandoned, who);
            }
            Op::Run(slot) => self.run(*slot, by)?,
            Op::RunAll(cancelled) => self.run_all(*cancelled, by)?,
            Op::Worker(slot, act) => {
                let id = self.stopped_worker(*slot)?;
                self.act(id, *act)?;
            }
            Op::Finish(slot, end) => {
                let id = self.stopped_worker(*slot)?;
                self.finish_worker(id, (*end).into());
            }
            Op::Wait(slot, end) => self.wait(*slot, *end, by)?,
            Op::Drive(slot, driver) => self.start_driving(*slot, *driver, by)?,
            Op::Ready(slot, go) => {
                let (_, task) = self.in_slot(*slot)?;
                task.driver.filter(|driver| *driver == Driver::Descriptor)?;
                task.ready.push_back(*go);
            }
            Op::Cancel(slot) => {
                let id = self.handle(*slot, by)?;
                self.cancel(id, who);
            }
            Op::Detach(slot) => {
                let id = self.handle(*slot, by)?;
                if !std::mem::take(&mut self.task(id).is_watched) {
                    self.drop_running(id, who);
                }
            }
            Op::Ask(slot) => {
                let (id, task) = self.in_slot(*slot)?;
                let answer = if task.is_held {
                    What::IsCancelled(id, task.is_interrupted)
                } else if task.running.is_some() || task.is_watched {
                    What::IsFinished(id, task.is_finished)
                } else {
                    return None;
                };
                self.log(who, answer);
            }
            Op::Poll(slot) => self.poll(*slot, who)?,
            Op::DropFuture(slot) => self.drop_future(*slot, who)?,
            Op::DetachFuture(slot) => self.detach_future(*slot, who)?,
            Op::CancelToken(token) => self.cancel_token(*token, who),
            Op::RenewToken(token) => self.renew_token(*token),
            Op::Connect(token, slot, end) => self.connect(*token, *slot, *end),
            Op::NewBar(bar, pace, cancels) => self.make_bar(*bar, *pace, *cancels, by)?,
            Op::Report(bar) => self.report(*bar),
            Op::DropBar(bar) => self.drop_bar(*bar),
            Op::Send(slot) => self.try_send(*slot, who)?,
            Op::CancelSending(slot) => self.cancel_sending(*slot, by)?,
            Op::Group(team, op) => self.group_op(*team, *op, by)?,
            Op::Latest(op) => self.latest_op(*op, who)?,
            Op::Iterate => {
                let (context, _) = self.own_default(by)?;
                let did = self.iterate(context, by);
                self.log(who, What::Iterated(did));
            }
            Op::IterateBusy => {
                let (context, _) = self.own_default(by)?;
                let did = self.iterate_busy(context, by);
                self.log(who, What::Iterated(did));
            }
            Op::Settle => {
                let (context, _) = self.own_default(by)?;
                while self.iterate(context, by) {}
            }
            Op::RunLoop => {
                let (context, _) = self.own_default(by)?;
                self.run_loop(context, by);
            }
            Op::Spin => self.spins += 1,
            Op::Quit => *self.loops.last_mut()? = true,
            Op::DropContext(place) => {
                let owner = match place {
                    Place::FirstOf(thread) | Place::SecondOf(thread) => *thread,
                    Place::Free => by,
                };
                if owner == by {
                    let context = self.places[place.index()].take()?;
                    self.release(context, who);
                }
            }
        }
        Some(())
    }

    fn make(&mut self, slot: Slot, plan: &Plan, by: Thread) -> Option<()> {
        if self.in_slot(slot).is_some_and(|(_, task)| task.is_in_use()) {
            return None;
        }
        let (context, home) = if let Kind::For(place) = plan.kind {
            (self.ensure(place), None)
        } else {
            let context = self.local_default(by)?;
            self.open_mail(by);
            (context, Some(by))
        };
        if plan.has_messages() {
            // They are made before it, and have that priority until then.
            self.open_lane(context, Level::Idle);
        }
        self.open_lane(context, plan.priority);
        self.keep(context);
        let id = new_id(&self.tasks);
        let token = plan.cancellable.map(|token| self.tokens[token as usize]);
        self.tasks.push(Task::new(plan, context, home, token));
        self.slots[slot as usize] = Some(id);
        if let Some(bar) = plan.progress.and_then(|bar| self.bar_slots[bar as usize]) {
            self.own_bar(bar, id);
        }
        for group in self.ensure_groups(plan) {
            self.join_group(group, id, Who::Home(by));
        }
        if plan.latest {
            let latest = self.ensure_latest();
            self.join_latest(latest, id, Who::Home(by));
        }
        if let Some(token) = token {
            let cancellable = &mut self.cancellables[token as usize];
            cancellable.handlers.push(Handler::Task(id));
            if cancellable.is_cancelled {
                self.cancel(id, Who::Home(by));
            }
        }
        if plan.timeout == Timeout::Zero {
            self.add_timer(id);
        }
        Some(())
    }
}
