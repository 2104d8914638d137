//! What each step does in the model.

use super::{
    Bar, Cancellable, Model,
    context::Item,
    new_id,
    task::{Future, Task, Worker},
};
use crate::{
    event::{Id, Outcome, Part, What, Who},
    program::{
        self, Act, Driver, End, Kind, Level, On, Op, Place, Plan, Slot, Step, Thread, Timeout,
        Token, WorkerEnd,
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
        let by = self.thread_of(step);
        if by == here {
            self.take_step(by, step);
        } else if !self.busy[by as usize] {
            self.busy[by as usize] = true;
            self.take_step(by, step);
            self.busy[by as usize] = false;
        }
    }

    /// A `Running` can't leave its thread.
    fn thread_of(&self, step: &Step) -> Thread {
        let (Op::Wait(slot, _) | Op::Cancel(slot) | Op::Detach(slot) | Op::Ask(slot)) = step.op
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

    fn in_slot(&mut self, slot: Slot) -> Option<(Id, &mut Task)> {
        let id = self.slots[slot as usize]?;
        Some((id, self.task(id)))
    }

    /// The task of which the `QioTask` is held there.
    fn held(&mut self, slot: Slot) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        task.is_held.then_some(id)
    }

    fn running(&mut self, slot: Slot, by: Thread) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        (task.running == Some(by)).then_some(id)
    }

    /// The task of which the `Running` is this thread's, or the `Watch` is held.
    fn handle(&mut self, slot: Slot, by: Thread) -> Option<Id> {
        let (id, task) = self.in_slot(slot)?;
        (task.is_watched || task.running == Some(by)).then_some(id)
    }

    fn stopped_worker(&mut self, slot: Slot) -> Option<Id> {
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

    fn local_default(&mut self, by: Thread) -> Option<Id> {
        let (id, is_local) = self.own_default(by)?;
        is_local.then_some(id)
    }

    fn take_step_here(&mut self, by: Thread, op: &Op) {
        let who = Who::Home(by);
        // Nothing to do it to: skipped.
        let _ = self.try_op(by, who, op);
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
            Op::DropFuture(slot) => {
                let (id, task) = self.in_slot(*slot)?;
                let future = task.future.take()?;
                self.cancel(id, who);
                if matches!(future, Future::Ready(outcome) if outcome.has_value()) {
                    self.log(who, What::Dropped(Part::Value(id)));
                }
            }
            Op::CancelToken(token) => self.cancel_token(*token, who),
            Op::RenewToken(token) => {
                self.tokens[*token as usize] = new_id(&self.cancellables);
                self.cancellables.push(Cancellable {
                    is_cancelled: false,
                    tasks: Vec::new(),
                });
            }
            Op::NewBar(bar, cancels) => self.make_bar(*bar, *cancels, by)?,
            Op::Report(bar) => self.report(*bar),
            Op::DropBar(bar) => self.drop_bar(*bar),
            Op::Iterate => {
                let (context, _) = self.own_default(by)?;
                let did = self.iterate(context, by);
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
        self.open_lane(context, plan.priority);
        self.keep(context);
        let id = new_id(&self.tasks);
        let token = plan.cancellable.map(|token| self.tokens[token as usize]);
        self.tasks.push(Task::new(plan, context, home, token));
        self.slots[slot as usize] = Some(id);
        if let Some(token) = token {
            let cancellable = &mut self.cancellables[token as usize];
            cancellable.tasks.push(id);
            if cancellable.is_cancelled {
                self.cancel(id, Who::Home(by));
            }
        }
        if plan.timeout == Timeout::Zero {
            self.add_timer(id);
        }
        Some(())
    }

    /// The function is called by the loop of its own thread.
    fn start_driving(&mut self, slot: Slot, driver: Driver, by: Thread) -> Option<()> {
        let id = self.held(slot)?;
        if !self.is_here(id, Who::Home(by)) {
            return None;
        }
        let Task { context, home, .. } = *self.task(id);
        self.task(id).is_held = false;
        self.task(id).is_watched = true;
        self.task(id).driver = Some(driver);
        self.task(id).driven_by = Some(by);
        self.add_driver(id);
        if self.task(id).is_settled {
            self.stop_driving(id, Who::Home(by));
        }
        self.release_handle(context, home, Who::Home(by));
        Some(())
    }

    fn make_bar(&mut self, slot: program::Bar, cancels: Option<Token>, by: Thread) -> Option<()> {
        let context = self.local_default(by)?;
        self.open_mail(by);
        self.open_lane(context, Level::Idle);
        let id = new_id(&self.bars);
        self.bars.push(Bar {
            context,
            home: by,
            value: None,
            cancels,
            is_held: true,
            has_callback: true,
        });
        self.drop_bar(slot);
        self.bar_slots[slot as usize] = Some(id);
        Some(())
    }

    fn run(&mut self, slot: Slot, by: Thread) -> Option<()> {
        let id = self.held(slot)?;
        let task = self.task(id);
        task.is_held = false;
        task.running = Some(by);
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

    fn act(&mut self, id: Id, act: Act) -> Option<()> {
        let who = Who::Worker(id);
        match act {
            Act::Check => {
                self.check_deadline(id, who);
                let context = self.task(id).context;
                let is_dead = !self.context(context).is_alive;
                let is_cancelled = self.task(id).is_interrupted || is_dead;
                self.log(who, What::Checked(id, is_cancelled));
            }
            Act::Report(bar) => self.report(bar),
            Act::CancelToken(token) => self.cancel_token(token, who),
            Act::Complete(slot, end) => {
                let other = self.held(slot)?;
                self.complete(other, end.into(), who);
            }
            Act::Drop(slot) => {
                let other = self.held(slot)?;
                self.complete_in_idle(other, Outcome::Abandoned, who);
            }
            Act::Own(end) => {
                let outcome = Outcome::from(end);
                self.log(who, What::Called(Id::MAX, outcome, Some(Id::MAX)));
                if outcome.has_value() {
                    self.log(who, What::Dropped(Part::Value(Id::MAX)));
                }
                self.log(who, What::Dropped(Part::Callback(Id::MAX)));
            }
        }
        Some(())
    }

    fn wait(&mut self, slot: Slot, end: WorkerEnd, by: Thread) -> Option<()> {
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
        if task.worker == Worker::Stopped && !task.is_finished {
            self.finish_worker(id, end.into());
        }
        // It has been given up by now.
        self.task(id).running = None;
        self.check_deadline(id, Who::Home(by));
        if home == Some(by) || home.is_none() && !self.task(id).is_finished {
            self.deliver_within(id, by, true);
        }
        self.drop_running(id, Who::Home(by));
        Some(())
    }

    fn drop_running(&mut self, id: Id, who: Who) {
        self.task(id).running = None;
        let Task { context, home, .. } = *self.task(id);
        self.release_handle(context, home, who);
    }

    fn poll(&mut self, slot: Slot, who: Who) -> Option<()> {
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

    pub(super) fn cancel_token(&mut self, token: Token, who: Who) {
        let id = self.tokens[token as usize];
        let cancellable = &mut self.cancellables[id as usize];
        if !std::mem::replace(&mut cancellable.is_cancelled, true) {
            for task in cancellable.tasks.clone() {
                self.cancel(task, who);
            }
        }
    }

    fn report(&mut self, slot: program::Bar) {
        self.reports += 1;
        let value = self.reports;
        let Some(id) = self.bar_slots[slot as usize] else {
            return;
        };
        let bar = self.bar(id);
        let context = bar.context;
        if bar.value.replace(value).is_none() && self.queue(context, Level::Idle, Item::Progress) {
            self.context(context).reports.push(id);
        }
    }

    fn drop_bar(&mut self, slot: program::Bar) {
        let Some(id) = self.bar_slots[slot as usize].take() else {
            return;
        };
        self.bar(id).is_held = false;
        let context = self.bar(id).context;
        if !self.context(context).reports.contains(&id) {
            self.queue(context, Level::Idle, Item::Release(id));
        }
    }
}
