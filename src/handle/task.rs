//! [`Task`]: a task whose outcome is set piece by piece, and which is completed
//! where its completer says.
//!
//! One that is made, completed and nothing else is *plain*: no more than its
//! [`Parts`]. One that a loop, a thread, a cancellable or a timeout may end has
//! a [`Core`], a task of this library, which decides how it ends.

use std::{
    ffi::CString,
    mem,
    num::NonZero,
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::{MainContext, Priority};

use super::{
    Handle, Share,
    face::{Ended, Face},
    progress::Progress,
    table::{self, Taken},
};
use crate::{
    Builder, Error, QioTask,
    base::state::Interrupt,
    capi::{Callback, HostError, Owned, Source},
    context,
    node::{due, node::NodeRef, registry},
    observe,
};

/// What decides how a task ends. In success and in failure it brings the
/// completer's share home, if that has one.
pub(super) type Core = QioTask<Option<Share>, Option<Share>>;

/// A result, or the assertion that has failed.
pub(crate) type Checked<R> = Result<R, &'static str>;

pub(super) const ENDED: &str = "task has not ended";

/// What each task has, in the order in which it is freed.
pub(crate) struct Parts {
    /// `None` for the global default one.
    context: Option<MainContext>,
    func: Callback,
    opaque: Owned,
    source: Source,
}

/// See the module's documentation. What the program hears of as it is freed is
/// in the order in which that is done.
pub(crate) struct Task {
    row: Taken,
    pub(super) shares: usize,
    completer: Completer,
    /// The thread that tells of its progress for the last time, and then calls
    /// its function.
    ends_on: Option<NonZero<u32>>,
    /// Whether its function is being called, or was.
    pub(super) is_ended: bool,
    /// Whether it was cancelled itself, and not by its cancellable.
    is_cancelled: bool,
    pub(crate) name: Option<CString>,
    pub(crate) priority: Priority,
    pub(crate) deadline: Option<Instant>,
    pub(crate) cancellable: Option<gio::Cancellable>,
    /// While the task is held.
    core: Option<Core>,
    pub(super) node: Option<NodeRef>,
    pub(super) face: Option<Face>,
    worker_data: Option<Owned>,
    pub(super) progress: Option<Progress>,
    context: Option<MainContext>,
    func: Callback,
    _opaque: Owned,
    outcome: Outcome,
    /// What was set too late, after the task was ended from outside.
    late: Option<Outcome>,
    pub(super) source: Source,
}

/// Who is to end a task, and has the first share in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Completer {
    /// Whoever in C has it: to complete it, or to hand it on.
    Holder,
    /// A worker that has not started.
    Worker,
    /// One that has its share.
    Other,
}

/// A task that is freed with this.
struct Last(Option<Box<Task>>);

impl Drop for Last {
    fn drop(&mut self) {
        if let Some(last) = self.0.take() {
            last.free();
        }
    }
}

/// What is left of a task that its holder has let go of.
pub(super) struct LetGo {
    pub(super) core: Option<Core>,
    /// As GIO sees it.
    pub(super) seen: Option<Ended>,
}

/// What the function of a task asks for.
pub(crate) struct Outcome {
    pub(crate) result: Owned,
    pub(crate) error: HostError,
}

/// Whether a context can be woken for tasks of this priority. It can from then
/// on; the first time takes a descriptor.
pub(crate) fn check_wakeable(context: Option<&MainContext>, priority: Priority) -> Checked<()> {
    let level = due::level(context.unwrap_or_else(|| context::global()), priority);
    level
        .map(drop)
        .map_err(|_| "a descriptor is left to wake the context with")
}

impl Parts {
    #[inline]
    pub(crate) fn new(source: Source, func: Callback, opaque: Owned) -> Self {
        let context = MainContext::thread_default();
        Self {
            context,
            func,
            opaque,
            source,
        }
    }

    #[inline]
    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    #[inline]
    pub(super) fn func(&self) -> Callback {
        self.func
    }
}

impl Outcome {
    fn failed(error: HostError) -> Self {
        let result = Owned::NOTHING;
        Self { result, error }
    }
}

impl Task {
    pub(super) fn new(parts: Parts, row: Taken) -> Self {
        let Parts {
            context,
            func,
            opaque,
            source,
        } = parts;
        Self {
            row,
            shares: 1,
            completer: Completer::Holder,
            ends_on: None,
            is_ended: false,
            is_cancelled: false,
            name: None,
            priority: Priority::DEFAULT_IDLE,
            deadline: None,
            cancellable: None,
            core: None,
            node: None,
            face: None,
            worker_data: None,
            progress: None,
            context,
            func,
            _opaque: opaque,
            outcome: Outcome::failed(HostError::NONE),
            late: None,
            source,
        }
    }

    /// Frees it, on the thread where its function was called: a worker that has returned
    /// late is on another one.
    pub(super) fn free_at_home(self: Box<Self>) {
        if self.is_ending() && !self.ends_here() {
            let (context, priority) = (self.context().clone(), self.priority);
            let last = Last(Some(self));
            let task = QioTask::builder()
                .priority(priority)
                .callback_on(&context, |_: Result<(), Error>| drop(last));
            observe::hide(task.node().id());
            task.complete_in_idle(Ok(()));
        } else {
            self.free();
        }
    }

    /// Ends its turn, and frees it.
    pub(super) fn free(self) {
        table::give_back(self.row.end());
    }

    pub(super) fn context(&self) -> &MainContext {
        self.context.as_ref().unwrap_or_else(|| context::global())
    }

    pub(super) fn builder(&self) -> Builder {
        let builder = QioTask::builder().priority(self.priority);
        match &self.name {
            Some(name) => builder.name(&name.to_string_lossy()),
            None => builder,
        }
    }

    /// Makes a core that ends the task on its context, which can be woken.
    pub(crate) fn arm(&mut self, handle: Handle) {
        let mut builder = self.builder();
        if let Some(cancellable) = &self.cancellable {
            builder = builder.cancellable(cancellable);
        }
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(Instant::now());
            // Not before: the timer leaves a part of a millisecond out.
            builder = builder.timeout(left + Duration::from_nanos(999_999));
        }
        let mut core = builder.callback_on(self.context(), move |result| handle.end(result));
        observe::made_in_c(core.node().id());
        // The task holds the context itself, and lets go of it in its turn.
        drop(core.release_context());
        self.node = Some(core.node().clone());
        self.shares += 1;
        self.core = Some(core);
    }

    /// As [`arm`](Self::arm), where that is not known.
    pub(super) fn check_and_arm(&mut self, handle: Handle) -> Checked<()> {
        check_wakeable(self.context.as_ref(), self.priority)?;
        self.arm(handle);
        Ok(())
    }

    pub(crate) fn check_held(&self) -> Checked<()> {
        match (self.completer, self.is_ended) {
            (Completer::Holder, _) => Ok(()),
            (_, true) => Err(ENDED),
            (_, false) => Err("task has not been handed on"),
        }
    }

    /// Uses the completer up. The core is handed out, if there is one.
    pub(super) fn hand_on(&mut self) -> Checked<Option<Core>> {
        self.check_held()?;
        self.completer = Completer::Other;
        Ok(self.core.take())
    }

    /// Uses the completer up, to end the task without a word: nobody calls its
    /// function from now on, or is told of its progress. `None` when it is not held.
    pub(super) fn let_go(&mut self) -> Option<LetGo> {
        if self.completer != Completer::Holder {
            return None;
        }
        self.completer = Completer::Other;
        self.is_ended = true;
        self.begin_end();
        self.forget_news();
        let (core, error) = (self.core.take(), &self.outcome.error);
        let seen = self.face.take().map(|face| Ended::freed(face, error));
        Some(LetGo { core, seen })
    }

    /// As [`hand_on`](Self::hand_on), for what needs a core.
    pub(super) fn hand_on_core(&mut self, handle: Handle) -> Checked<Core> {
        self.check_held()?;
        if self.core.is_none() {
            self.check_and_arm(handle)?;
        }
        self.hand_on()?.ok_or(ENDED)
    }

    /// As [`hand_on`](Self::hand_on), to a worker with these data, for the task
    /// to end on another context, which is exchanged for the last one. There is
    /// no core when it has ended before.
    pub(super) fn hand_to_worker(
        &mut self,
        handle: Handle,
        data: impl FnOnce() -> Owned,
        context: &mut Option<MainContext>,
    ) -> Checked<Option<Core>> {
        self.check_held()?;
        self.move_to(handle, context)?;
        self.worker_data = Some(data());
        let core = self.hand_on()?;
        if core.is_some() {
            self.completer = Completer::Worker;
        }
        Ok(core)
    }

    /// Takes the share that waits for the worker to start, if it still does.
    /// Whoever comes first has it: the worker, or who ends the task before.
    pub(super) fn take_worker_share(&mut self) -> bool {
        let is_there = self.completer == Completer::Worker;
        if is_there {
            self.completer = Completer::Other;
        }
        is_there
    }

    /// Gives the task a core on another context instead of the one that it has,
    /// unless that one has ended.
    fn move_to(&mut self, handle: Handle, context: &mut Option<MainContext>) -> Checked<()> {
        let cancellable = self.cancellable.as_ref();
        let is_cancelled =
            self.is_cancelled || cancellable.is_some_and(CancellableExt::is_cancelled);
        let may_run = !self.is_ended && !is_cancelled;
        if self.core.is_some() && may_run && self.context == *context {
            // Those who look go on to see the same one.
            return Ok(());
        }
        // Before anything is changed.
        check_wakeable(context.as_ref(), self.priority)?;
        if let Some(core) = self.core.take() {
            if !core.withdraw() {
                return Ok(());
            }
            self.shares -= 1;
        }
        mem::swap(&mut self.context, context);
        self.arm(handle);
        // Its cancellable and its timeout end this core by themselves.
        if let Some(node) = self.node.as_ref().filter(|_| self.is_cancelled) {
            node.interrupt(Interrupt::Cancelled);
        }
        Ok(())
    }

    /// Notes that the task is cancelled. What cancels it now, unless it is too
    /// late for that: later ones are told as they are made.
    pub(super) fn cancel(&mut self, handle: Handle) -> Checked<Option<NodeRef>> {
        if self.completer == Completer::Holder && self.node.is_none() {
            self.check_and_arm(handle)?;
        }
        self.is_cancelled = true;
        Ok(self.node.clone())
    }

    /// The node of a task that has a worker, which may outlast the call of
    /// the task's function.
    pub(super) fn thread(&self) -> Checked<NodeRef> {
        match &self.node {
            Some(node) if self.worker_data.is_some() => Ok(node.clone()),
            _ => Err("task runs in a thread"),
        }
    }

    pub(crate) fn outcome(&mut self) -> &mut Outcome {
        &mut self.outcome
    }

    pub(super) fn is_failed(&self) -> bool {
        self.outcome.error.is_some()
    }

    /// Where an error or a result is set: after the task was ended from
    /// outside it comes too late.
    pub(crate) fn slot(&mut self) -> Checked<&mut Outcome> {
        match &mut self.late {
            Some(late) => Ok(late),
            None if self.is_ended => Err(ENDED),
            None => Ok(&mut self.outcome),
        }
    }

    /// Ends the task from outside, whatever has been set.
    pub(super) fn fail(&mut self, error: HostError) {
        self.late = Some(mem::replace(&mut self.outcome, Outcome::failed(error)));
    }

    /// What waits for the task, on this thread.
    pub(super) fn waiter(&self) -> Checked<NodeRef> {
        let node = self.thread()?;
        // Else its function is being called elsewhere.
        if self.is_ended && (self.ends_here() || node.is_finished()) {
            return Err(ENDED);
        }
        Ok(node)
    }

    /// Begins to end the task, here: it is too late to report anything.
    pub(super) fn begin_end(&mut self) {
        self.ends_on = Some(registry::thread());
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ends_on.is_some()
    }

    pub(super) fn ends_here(&self) -> bool {
        self.ends_on == Some(registry::thread())
    }

    /// What is called to end the task, unless it has been.
    pub(super) fn end(&mut self) -> Option<(Callback, Option<Ended>)> {
        if mem::replace(&mut self.is_ended, true) {
            return None;
        }
        let error = &self.outcome.error;
        let face = self.face.take();
        Some((self.func, face.map(|face| Ended::new(face, error))))
    }
}
