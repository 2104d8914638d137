//! What each operation does to the library.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use gio::prelude::*;
use glib::{ControlFlow, MainContext, MainLoop, Priority};
use qio_task::QioTask;

use super::{INLINE, ON_PURPOSE, SLICE, WHO, World, watched::Value};
use crate::{
    event::{Id, What, Who},
    program::{self, Act, End, Op, Place, Slot, Thread, Token},
};

/// The priority of what quits an idle loop: below all tasks.
fn lowest() -> Priority {
    Priority::from(1000)
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
            Op::RunAll(cancelled) => self.run_all(*cancelled, by)?,
            Op::Worker(slot, Act::Own(end)) if self.is_grouped(*slot) => self.own(*slot, *end)?,
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
            Op::Drive(slot, driver) => self.drive(*slot, *driver, by)?,
            Op::Ready(slot, go) => self.make_ready(*slot, *go)?,
            Op::Cancel(slot) => self.cancel(*slot, by)?,
            Op::Detach(slot) => self.detach(*slot, by)?,
            Op::Ask(slot) => self.ask(*slot)?,
            Op::Poll(slot) => self.poll(*slot)?,
            Op::DropFuture(slot) => {
                let future = self.state().slots[*slot as usize].as_mut()?.future.take()?;
                drop(future);
            }
            Op::DetachFuture(slot) => {
                let future = self.state().slots[*slot as usize].as_mut()?.future.take()?;
                future.detach();
            }
            Op::CancelToken(token) => self.cancel_token(*token),
            Op::RenewToken(token) => {
                let new = gio::Cancellable::new();
                let last = std::mem::replace(&mut self.state().tokens[*token as usize], new);
                drop(last);
            }
            Op::Connect(token, slot, end) => self.connect(*token, *slot, *end),
            Op::NewBar(bar, pace, cancels) => self.make_bar(*bar, *pace, *cancels, by)?,
            Op::Report(bar) => self.report(*bar),
            Op::DropBar(bar) => {
                let bar = self.state().bars[*bar as usize].take();
                drop(bar);
            }
            Op::Send(slot) => self.try_send(*slot)?,
            Op::CancelSending(slot) => self.cancel_sending(*slot, by)?,
            Op::Group(team, op) => self.group_op(*team, *op, by)?,
            Op::Latest(op) => self.latest_op(*op, by)?,
            Op::Iterate => {
                let context = self.own_default(by)?;
                let did = self.timed(|| context.iteration(false));
                self.log(Who::Home(by), What::Iterated(did));
            }
            Op::IterateBusy => {
                let context = self.own_default(by)?;
                let busy = glib::idle_source_new(None, Priority::DEFAULT, || ControlFlow::Break);
                busy.attach(Some(&context));
                let did = self.timed(|| context.iteration(false));
                busy.destroy();
                self.log(Who::Home(by), What::Iterated(did));
            }
            Op::Settle => {
                let context = self.own_default(by)?;
                while self.timed(|| context.iteration(false)) {}
            }
            Op::RunLoop => self.run_loop(&self.own_default(by)?),
            Op::Spin => self.spin(),
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

    pub(super) fn result(self: &Arc<Self>, id: Id, end: End) -> Result<Value, Value> {
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
    pub(super) fn inline(&self, id: Id, call: impl FnOnce()) {
        let outer = INLINE.replace(Some(id));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            assert_eq!(message, Some(ON_PURPOSE));
            self.log(WHO.get(), What::Unwound(id));
        }
        INLINE.set(outer);
    }

    pub(super) fn cancel_token(&self, token: Token) {
        let token = self.state().tokens[token as usize].clone();
        token.cancel();
    }

    /// Has the cancellable complete a task before it cancels those that are made later.
    fn connect(self: &Arc<Self>, token: Token, slot: Slot, end: End) {
        self.state().has_handlers = true;
        let token = self.state().tokens[token as usize].clone();
        let world = Arc::downgrade(self);
        token.connect("cancelled", false, move |_| {
            let world = world.upgrade()?;
            let (id, task) = world.take_task(slot)?;
            world.complete(id, task, end);
            None
        });
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

    fn spin(&self) {
        let start = Instant::now();
        while start.elapsed() < SLICE {
            std::hint::spin_loop();
        }
        self.state().spun += start.elapsed();
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
