//! What each operation does to the library.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Poll, Wake, Waker},
};

use gio::prelude::*;
use glib::{ControlFlow, MainContext, MainLoop, Priority};
use qio_task::{Progress, QioTask};

use super::{
    INLINE, Kept, ON_PURPOSE, RUNNING, WHO, World,
    watched::{Source, Value, Watched, outcome},
    worker,
};
use crate::{
    event::{Id, Part, What, Who},
    program::{
        self, End, Kind, Level, Op, Place, Plan, Script, Slot, Thread, Timeout, Token, WorkerEnd,
    },
};

type Outcome = Result<Value, qio_task::Error<Value>>;

impl From<Level> for Priority {
    fn from(level: Level) -> Self {
        match level {
            Level::High => Self::HIGH,
            Level::Default => Self::DEFAULT,
            Level::Idle => Self::DEFAULT_IDLE,
            Level::Low => Self::LOW,
        }
    }
}

/// The priority of what quits an idle loop: below all tasks.
fn lowest() -> Priority {
    Priority::from(1000)
}

/// A waker that tells.
struct Woken {
    world: Arc<World>,
    id: Id,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.world.log(WHO.get(), What::Woken(self.id));
    }
}

/// What a callback knows.
struct Called {
    world: Arc<World>,
    id: Id,
    context: Id,
    then: Script,
    panics: bool,
    watched: Watched,
}

impl Called {
    fn call(self, result: Outcome) {
        let Self { world, id, .. } = self;
        let who = WHO.get();
        let default = world.default_context().map(|context| context.id);
        world.log(who, What::Called(id, outcome(id, &result), default));
        let is_inline = INLINE.take() == Some(id);
        if let Who::Home(thread) = who {
            world.state().owners.push((thread, self.context));
            let is_last = world.state().is_last;
            for step in self.then.0.iter().filter(|_| !is_last) {
                world.step(thread, step);
            }
            world.state().owners.pop();
        }
        drop((result, self.watched));
        assert!(!(is_inline && self.panics), "{ON_PURPOSE}");
    }
}

impl World {
    /// Does it, if there is something to do it to.
    pub(super) fn run_op(self: &Arc<Self>, by: Thread, op: &Op) {
        let _ = self.try_op(by, op);
    }

    pub(super) fn take_task(&self, slot: Slot) -> Option<(Id, QioTask<Value, Value>)> {
        let mut state = self.state();
        let kept = state.slots[slot as usize].as_mut()?;
        Some((kept.id, kept.task.take()?))
    }

    /// The number of the task, if this thread has its `Running`.
    fn running(&self, slot: Slot, by: Thread) -> Option<Id> {
        let state = self.state();
        let kept = state.slots[slot as usize].as_ref()?;
        (kept.running == Some(by)).then_some(kept.id)
    }

    fn try_op(self: &Arc<Self>, by: Thread, op: &Op) -> Option<()> {
        match op {
            Op::Make { slot, plan } => self.make(*slot, plan, by)?,
            Op::Complete(slot, end) => {
                let (id, task) = self.take_task(*slot)?;
                self.complete(id, task, *end);
            }
            Op::CompleteInIdle(slot, end) => {
                let (id, task) = self.take_task(*slot)?;
                task.complete_in_idle(self.result(id, *end));
            }
            Op::Drop(slot) => drop(self.take_task(*slot)?),
            Op::Run(slot) => self.run_in_thread(*slot, by)?,
            Op::Worker(slot, act) => {
                let link = self.state().slots[*slot as usize].as_mut()?.worker.take()?;
                link.act(*act);
                if let Some(kept) = &mut self.state().slots[*slot as usize] {
                    kept.worker = Some(link);
                }
            }
            Op::Finish(slot, end) => {
                let link = self.state().slots[*slot as usize].as_mut()?.worker.take()?;
                link.let_finish(*end);
                link.wait_until_over();
            }
            Op::Wait(slot, end) => self.wait(*slot, *end, by)?,
            Op::Cancel(slot) => {
                let id = self.running(*slot, by)?;
                RUNNING.with_borrow(|all| all[&id].cancel());
            }
            Op::Detach(slot) => {
                let id = self.running(*slot, by)?;
                self.state().slots[*slot as usize].as_mut()?.running = None;
                let running = RUNNING.with_borrow_mut(|all| all.remove(&id));
                drop(running);
            }
            Op::Ask(slot) => self.ask(*slot)?,
            Op::Poll(slot) => self.poll(*slot)?,
            Op::DropFuture(slot) => {
                let future = self.state().slots[*slot as usize].as_mut()?.future.take()?;
                drop(future);
            }
            Op::CancelToken(token) => self.cancel_token(*token),
            Op::RenewToken(token) => {
                let new = gio::Cancellable::new();
                let last = std::mem::replace(&mut self.state().tokens[*token as usize], new);
                drop(last);
            }
            Op::NewBar(bar) => self.make_bar(*bar, by)?,
            Op::Report(bar) => self.report(*bar),
            Op::DropBar(bar) => {
                let bar = self.state().bars[*bar as usize].take();
                drop(bar);
            }
            Op::Iterate => {
                let context = self.own_default(by)?;
                let did = self.timed(|| context.iteration(false));
                self.log(Who::Home(by), What::Iterated(did));
            }
            Op::Settle => {
                let context = self.own_default(by)?;
                while self.timed(|| context.iteration(false)) {}
            }
            Op::RunLoop => self.run_loop(&self.own_default(by)?),
            Op::Quit => {
                let innermost = self.state().loops.last()?.clone();
                innermost.quit();
            }
            Op::DropContext(place) => {
                let owner = match place {
                    Place::FirstOf(thread) | Place::SecondOf(thread) => *thread,
                    Place::Free => by,
                };
                if owner == by {
                    let context = self.state().places[place.index()].take();
                    drop(context);
                }
            }
        }
        Some(())
    }

    /// This thread's default context, when it may iterate it.
    fn own_default(&self, by: Thread) -> Option<MainContext> {
        let thread = self.default_context()?.thread;
        if thread.is_some_and(|thread| thread != by) {
            return None;
        }
        MainContext::thread_default()
    }

    fn result(self: &Arc<Self>, id: Id, end: End) -> Result<Value, Value> {
        let value = Value::new(self, id);
        match end {
            End::Ok => Ok(value),
            End::Fail => Err(value),
        }
    }

    pub(super) fn complete(self: &Arc<Self>, id: Id, task: QioTask<Value, Value>, end: End) {
        let result = self.result(id, end);
        self.inline(id, || task.complete(result));
    }

    /// Calls what may call the callback of this task, and catches its panic.
    fn inline(&self, id: Id, call: impl FnOnce()) {
        let outer = INLINE.replace(Some(id));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            assert_eq!(message, Some(ON_PURPOSE));
            self.log(WHO.get(), What::Unwound(id));
        }
        INLINE.set(outer);
    }

    fn make(self: &Arc<Self>, slot: Slot, plan: &Plan, by: Thread) -> Option<()> {
        if let Some(kept) = &self.state().slots[slot as usize]
            && (kept.task.is_some()
                || kept.future.is_some()
                || kept.running.is_some()
                || kept.worker.is_some())
        {
            return None;
        }
        let (context, home) = if let Kind::For(place) = plan.kind {
            (Some(self.state().ensure(place)), None)
        } else {
            (None, Some(by))
        };
        let context_id = if let Some((_, id)) = &context {
            *id
        } else {
            let default = self.default_context()?;
            default.thread.filter(|thread| *thread == by)?;
            default.id
        };
        let id = self.state().next_task;
        self.state().next_task += 1;
        let mut builder = QioTask::builder()
            .priority(plan.priority.into())
            .check_cancellable(!plan.unchecked);
        if plan.named {
            builder = builder.name(&format!("task {id}"));
        }
        if let Some(token) = plan.cancellable {
            let token = self.state().tokens[token as usize].clone();
            builder = builder.cancellable(&token);
        }
        builder = match plan.timeout {
            Timeout::None => builder,
            Timeout::Zero => builder.timeout(std::time::Duration::ZERO),
            Timeout::Hour => builder.timeout(std::time::Duration::from_hours(1)),
        };
        if plan.dedicated {
            builder = builder.dedicated_thread();
        }
        let called = || Called {
            world: self.clone(),
            id,
            context: context_id,
            then: plan.then.clone(),
            panics: plan.panics,
            watched: Watched::new(self, Part::Callback(id)),
        };
        let mut future = None;
        let task = if let Some((context, _)) = context {
            let called = called();
            builder.callback_on(&context, move |result| called.call(result))
        } else if plan.kind == Kind::Future {
            let (task, awaited) = if plan.source {
                builder.source(&Source::new(self, id)).future()
            } else {
                builder.future()
            };
            future = Some(awaited);
            task
        } else if plan.source {
            let called = called();
            let builder = builder.source(&Source::new(self, id));
            builder.callback(move |_, result| called.call(result))
        } else {
            let called = called();
            builder.callback(move |result| called.call(result))
        };
        self.state().slots[slot as usize] = Some(Kept {
            id,
            context: context_id,
            home,
            task: Some(task),
            future,
            running: None,
            worker: None,
            is_delicate: plan.timeout == Timeout::Zero || home.is_none() || !plan.then.0.is_empty(),
        });
        Some(())
    }

    fn run_in_thread(self: &Arc<Self>, slot: Slot, by: Thread) -> Option<()> {
        let kept = |state: &super::State| {
            let kept = state.slots[slot as usize].as_ref()?;
            let is_foreign = kept.home.is_some_and(|home| home != by);
            (!is_foreign).then_some(())
        };
        kept(&self.state())?;
        let (id, task) = self.take_task(slot)?;
        let (running, link) = worker::run(self, id, task);
        RUNNING.with_borrow_mut(|all| all.insert(id, running));
        let mut state = self.state();
        let kept = state.slots[slot as usize].as_mut()?;
        kept.running = Some(by);
        kept.worker = link;
        Some(())
    }

    fn wait(self: &Arc<Self>, slot: Slot, end: WorkerEnd, by: Thread) -> Option<()> {
        let id = self.running(slot, by)?;
        let (link, is_delicate) = {
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_ref()?;
            if kept.home.is_none() && state.is_taken(kept.context, by) {
                return None;
            }
            let is_finished = RUNNING.with_borrow(|all| all[&id].is_finished());
            let kept = state.slots[slot as usize].as_mut()?;
            kept.running = None;
            let link = if is_finished {
                None
            } else {
                kept.worker.take()
            };
            (link, kept.is_delicate)
        };
        let running = RUNNING.with_borrow_mut(|all| all.remove(&id))?;
        if let Some(link) = &link {
            link.let_finish(end);
            // Otherwise it may return before or after it is waited for.
            if is_delicate {
                link.wait_until_over();
            }
        }
        self.inline(id, || running.wait());
        if let Some(link) = link.filter(|_| !is_delicate) {
            link.wait_until_over();
        }
        Some(())
    }

    fn ask(&self, slot: Slot) -> Option<()> {
        let (id, is_cancelled, runs) = {
            let state = self.state();
            let kept = state.slots[slot as usize].as_ref()?;
            let is_cancelled = kept.task.as_ref().map(QioTask::is_cancelled);
            (kept.id, is_cancelled, kept.running.is_some())
        };
        let what = match is_cancelled {
            Some(is_cancelled) => What::IsCancelled(id, is_cancelled),
            None if runs => {
                let is_finished = RUNNING.with_borrow(|all| all[&id].is_finished());
                What::IsFinished(id, is_finished)
            }
            None => return None,
        };
        self.log(WHO.get(), what);
        Some(())
    }

    fn poll(self: &Arc<Self>, slot: Slot) -> Option<()> {
        let (id, mut future) = {
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_mut()?;
            (kept.id, kept.future.take()?)
        };
        let waker = Waker::from(Arc::new(Woken {
            world: self.clone(),
            id,
        }));
        let mut context = std::task::Context::from_waker(&waker);
        match pin!(&mut future).poll(&mut context) {
            Poll::Pending => {
                self.log(WHO.get(), What::Polled(id, None));
                self.state().slots[slot as usize].as_mut()?.future = Some(future);
            }
            Poll::Ready(result) => {
                let outcome = outcome(id, &result);
                self.log(WHO.get(), What::Polled(id, Some(outcome)));
                drop(result);
            }
        }
        Some(())
    }

    pub(super) fn cancel_token(&self, token: Token) {
        let token = self.state().tokens[token as usize].clone();
        token.cancel();
    }

    fn make_bar(self: &Arc<Self>, slot: program::Bar, by: Thread) -> Option<()> {
        let default = self.default_context()?;
        default.thread.filter(|thread| *thread == by)?;
        let id = self.state().next_bar;
        self.state().next_bar += 1;
        let (world, watched) = (self.clone(), Watched::new(self, Part::Bar(id)));
        let bar = Progress::new(move |value| {
            let _ = &watched;
            let default = world.default_context().map(|context| context.id);
            world.log(WHO.get(), What::Progress(id, value, default));
        });
        let last = self.state().bars[slot as usize].replace(bar);
        drop(last);
        Some(())
    }

    pub(super) fn report(&self, slot: program::Bar) {
        let (value, bar) = {
            let mut state = self.state();
            state.reports += 1;
            (state.reports, state.bars[slot as usize].clone())
        };
        if let Some(bar) = bar {
            bar.report(value);
        }
    }

    /// Runs a loop until it is idle or told to quit.
    fn run_loop(&self, context: &MainContext) {
        let main_loop = MainLoop::new(Some(context), false);
        self.state().loops.push(main_loop.clone());
        let quitter = glib::idle_source_new(None, lowest(), {
            let main_loop = main_loop.clone();
            move || {
                main_loop.quit();
                ControlFlow::Break
            }
        });
        quitter.attach(Some(context));
        self.timed(|| main_loop.run());
        quitter.destroy();
        self.state().loops.pop();
    }
}
