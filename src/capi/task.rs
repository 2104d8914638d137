//! [`PlainTask`] and [`FullTask`]: what a task of C is in memory, and how it is found by its
//! [`Handle`].

use std::{
    ffi::{CString, c_void},
    sync::{
        Mutex,
        atomic::{AtomicPtr, Ordering},
    },
    time::Duration,
};

use glib::{MainContext, Priority};

use super::{
    c_types::{FuncAndData, OwnedData},
    check::{Checked, ENDED},
    completion::Completion,
    gio_task::GioTask,
    handle::Handle,
    host::SourceRef,
    inner::{Inner, call_in_idle, priority},
    message_queue::Messages,
    outcome::{Outcome, Outcomes},
    reported::Reported,
    slot,
    table::{AtHand, Table},
};
use crate::{
    Group,
    base::{
        pace::{FRAME, Pace},
        pool::StackSize,
        sync::lock,
    },
    context::current::global,
    node::node::NodeRef,
};

/// One that is made, completed and nothing else: what each task has, in the order in which
/// it is freed.
pub(super) struct PlainTask {
    /// `None` for the global default one.
    context: Option<MainContext>,
    pub(super) func: FuncAndData,
    opaque: OwnedData,
    source: SourceRef,
}

/// One of which more is asked. What the program hears of as it is freed is in the order in
/// which that is done.
pub(super) struct FullTask {
    slot: TakenSlot,
    /// How many [`TaskRef`]s there are of it.
    pub(super) references: usize,
    pub(super) completion: Completion,
    /// Whether its worker is to have a thread of its own.
    pub(super) is_dedicated: bool,
    /// How long its worker may show no sign of life.
    pub(super) inactivity: Option<Duration>,
    /// How large the stack of that thread is to be.
    pub(super) stack_size: StackSize,
    /// Whether it was cancelled by `qio_task_cancel`: then so is what it is moved to.
    pub(super) is_cancelled: bool,
    /// As C gave it. The node's ends with no NUL, and has other bytes if this is no UTF-8.
    pub(super) name: Option<CString>,
    /// For the task's function to find it alive, as that of a `GTask` does. The node lets go
    /// of it before.
    pub(super) cancellable: Option<gio::Cancellable>,
    /// The group that it is in.
    pub(super) group: Option<Group>,
    /// How often that had been cancelled when the node joined it.
    pub(super) cancels: u64,
    /// While it is bound to its context, and whoever is to end it has it.
    pub(super) inner: Option<Inner<TaskRef>>,
    /// That of the `inner` which it has, or had.
    pub(super) node: Option<NodeRef>,
    pub(super) gio_task: Option<GioTask>,
    pub(super) worker_data: Option<OwnedData>,
    pub(super) reported: Option<Reported>,
    pub(super) messages: Option<Messages>,
    /// Of its progress function.
    pub(super) pace: Pace,
    /// `None` for the global default one.
    pub(super) context: Option<MainContext>,
    pub(super) func: FuncAndData,
    _opaque: OwnedData,
    pub(super) outcomes: Outcomes,
    pub(super) source: SourceRef,
}

/// What is beside a plain task, in whose slot no full one has room.
#[derive(Default)]
pub(super) struct Beside {
    /// The source, for who only asks for it.
    source: AtomicPtr<c_void>,
    /// The task that is plain no more.
    full: Mutex<Option<Box<FullTask>>>,
}

type Slot = slot::Slot<PlainTask, Beside>;
type TakenSlot = slot::TakenSlot<PlainTask, Beside>;

/// The tasks that live.
static TASKS: Table<PlainTask, Beside> = Table::new();

thread_local! {
    static AT_HAND: AtHand<PlainTask, Beside> = const { AtHand::new(&TASKS) };
}

impl PlainTask {
    #[inline]
    pub(super) fn new(source: SourceRef, func: FuncAndData, opaque: OwnedData) -> Self {
        let context = MainContext::thread_default();
        Self {
            context,
            func,
            opaque,
            source,
        }
    }

    /// From now on it is found by what this returns.
    ///
    /// # Panics
    ///
    /// Panics when there are more tasks than numbers.
    #[inline]
    pub(super) fn insert(self) -> Handle {
        let vacant = TASKS.vacant_slot(&AT_HAND);
        let slot = vacant.slot();
        // ORDERING: who reads this one sees that the last generation has ended.
        slot.beside
            .source
            .store(self.source.get(), Ordering::Release);
        Handle::new(slot.number, vacant.fill(self))
    }
}

/// A plain task that was taken out of its slot.
pub(super) struct TakenTask {
    pub(super) task: PlainTask,
    slot: TakenSlot,
}

impl TakenTask {
    #[inline]
    pub(super) fn free(self) {
        let Self { task, slot } = self;
        TASKS.recycle(slot.vacate(), &AT_HAND);
        drop(task);
    }
}

impl Handle {
    #[inline]
    fn slot(self) -> Option<&'static Slot> {
        TASKS.slot(self.number()?)
    }

    /// Takes a plain task out, for who frees it. `None` when it is full.
    #[inline]
    pub(super) fn take_plain(self) -> Checked<Option<TakenTask>> {
        let slot = self.slot().ok_or(ENDED)?;
        let taken = slot.take(self.generation());
        Ok(taken.map(|(task, slot)| TakenTask { task, slot }))
    }

    /// Looks at the task, which is plain no more. `look` runs no foreign code.
    pub(super) fn check<R>(self, look: impl FnOnce(&mut FullTask) -> Checked<R>) -> Checked<R> {
        let slot = self.slot().ok_or(ENDED)?;
        let mut task = lock(&slot.beside.full);
        if let Some((plain, taken)) = slot.take(self.generation()) {
            *task = Some(Box::new(FullTask::new(plain, taken)));
        }
        // There is none when it is plain and being completed.
        let task = task.as_mut().filter(|_| slot.is_of(self.generation()));
        look(task.ok_or(ENDED)?)
    }

    /// As [`check`](Self::check), for what is no misuse of a plain task that is
    /// being completed either: `of_plain` is what comes of it.
    pub(super) fn check_or<R>(
        self,
        of_plain: R,
        look: impl FnOnce(&mut FullTask) -> Checked<R>,
    ) -> Checked<R> {
        match self.check(look) {
            Err(ENDED) => self.ask(Some(of_plain), |_| None)?.ok_or(ENDED),
            checked => checked,
        }
    }

    /// Asks the task for something. `of_plain` is what a plain one would say.
    pub(super) fn ask<R>(self, of_plain: R, ask: impl FnOnce(&mut FullTask) -> R) -> Checked<R> {
        let slot = self.slot().ok_or(ENDED)?;
        let mut task = lock(&slot.beside.full);
        match task.as_mut() {
            _ if !slot.is_of(self.generation()) => Err(ENDED),
            Some(task) => Ok(ask(task)),
            None => Ok(of_plain),
        }
    }

    /// The source of the task.
    pub(super) fn source(self) -> Checked<*mut c_void> {
        let slot = self.slot().ok_or(ENDED)?;
        let is_of = slot.is_of(self.generation());
        // ORDERING: acquires the end of the generation, if this is the next one's.
        let source = slot.beside.source.load(Ordering::Acquire);
        if is_of && slot.is_of(self.generation()) {
            Ok(source)
        } else {
            Err(ENDED)
        }
    }
}

impl FullTask {
    /// Whoever has the task in C has the one reference.
    fn new(plain: PlainTask, slot: TakenSlot) -> Self {
        let PlainTask {
            context,
            func,
            opaque,
            source,
        } = plain;
        Self {
            slot,
            references: 1,
            completion: Completion::new(),
            is_dedicated: false,
            inactivity: None,
            stack_size: None,
            is_cancelled: false,
            name: None,
            cancellable: None,
            group: None,
            cancels: 0,
            inner: None,
            node: None,
            gio_task: None,
            worker_data: None,
            reported: None,
            messages: None,
            pace: Pace::new(FRAME),
            context,
            func,
            _opaque: opaque,
            outcomes: Outcomes::new(),
            source,
        }
    }

    pub(super) fn context(&self) -> &MainContext {
        self.context.as_ref().unwrap_or_else(|| global())
    }

    pub(super) fn priority(&self) -> Priority {
        priority(self.node.as_ref())
    }

    /// The holder in C gives the task to who calls this, who ends it or has it ended. If it
    /// is bound, that takes what this returns.
    pub(super) fn take_over(&mut self) -> Checked<Option<Inner<TaskRef>>> {
        self.completion.take_over()?;
        Ok(self.inner.take())
    }

    /// What its group is told, if it is in one and an error was set: what its inner task ends with
    /// says nothing of that.
    pub(super) fn told_error(&mut self) -> Option<(NodeRef, glib::Error)> {
        let node = self.node.as_ref().filter(|_| self.group.is_some())?;
        let error = self.outcomes.error().describe().err()?;
        Some((node.clone(), error))
    }

    /// Where an error or a result is set.
    pub(super) fn open_outcome(&mut self) -> Checked<&mut Outcome> {
        self.outcomes.open(self.completion.is_ended())
    }

    /// The node of a task that has a worker, which may outlast the call of
    /// the task's function.
    pub(super) fn worker_node(&self) -> Checked<NodeRef> {
        match &self.node {
            Some(node) if self.worker_data.is_some() => Ok(node.clone()),
            _ => Err("task runs in a thread"),
        }
    }

    /// Ends its generation, and frees it.
    fn free(self) {
        TASKS.recycle(self.slot.vacate(), &AT_HAND);
    }

    /// Frees it on the thread where its function was called: a worker that has returned
    /// late is on another one.
    fn free_at_home(self: Box<Self>) {
        if self.completion.is_ending() && !self.completion.ends_here() {
            let (context, priority) = (self.context().clone(), self.priority());
            let freed = FreedWithThis(Some(self));
            call_in_idle(&context, priority, || drop(freed));
        } else {
            self.free();
        }
    }
}

/// Also where nobody iterates the context any more.
struct FreedWithThis(Option<Box<FullTask>>);

impl Drop for FreedWithThis {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.free();
        }
    }
}

/// A counted reference on a full task: its completer has one, and so has what
/// waits to call its function. With the last one it is freed.
pub(super) struct TaskRef {
    task: Handle,
    /// Whether a worker has it, which may return late, when the task's function was called.
    is_workers: bool,
}

impl TaskRef {
    /// One that was counted before.
    pub(super) fn from_counted(task: Handle) -> Self {
        Self {
            task,
            is_workers: false,
        }
    }

    /// As [`from_counted`](Self::from_counted), of a worker that is about to start.
    pub(super) fn of_worker(task: Handle) -> Self {
        Self {
            task,
            is_workers: true,
        }
    }
}

impl Drop for TaskRef {
    fn drop(&mut self) {
        let generation = self.task.generation();
        let Some(slot) = self.task.slot().filter(|slot| slot.is_of(generation)) else {
            return;
        };
        let mut full = lock(&slot.beside.full);
        let Some(task) = full.as_mut() else { return };
        task.references -= 1;
        if task.references > 0 {
            return;
        }
        let last = full.take();
        drop(full);
        // Unlocked: what frees is foreign code.
        match last {
            Some(last) if self.is_workers => last.free_at_home(),
            Some(last) => last.free(),
            None => {}
        }
    }
}
