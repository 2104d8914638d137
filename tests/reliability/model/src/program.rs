//! The language: programs that make tasks and do everything to them that a
//! user can do.
//!
//! A program is plain data, and what `{:?}` prints of one is the Rust that
//! makes it: a failing program can be pasted into `tests/regressions.rs`.
//!
//! It is deterministic by construction. Three threads have two contexts each,
//! and a seventh context belongs to none. One step runs at a time: a step of
//! another thread is sent there and waited for, a worker stops after each of
//! its steps until it is sent the next one, and a thread that waits for
//! another takes no steps meanwhile. What can't be done in its turn (there is
//! no such task, or it has ended; that thread is busy) is skipped.

#![allow(missing_docs, reason = "the names are those of the library")]

use std::fmt;

use arbitrary::Arbitrary;

/// Steps, in their order. A program is one.
#[derive(Clone, PartialEq, Eq, Hash, Default, Arbitrary)]
pub struct Script(pub Vec<Step>);

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("Script::default()");
        }
        // Each step on a line of its own.
        f.write_str("Script(vec![\n")?;
        for step in &self.0 {
            writeln!(f, "{step:?},")?;
        }
        f.write_str("])")
    }
}

impl Script {
    /// How many steps there are, those of callbacks included.
    pub fn size(&self) -> usize {
        self.count(&|_| true)
    }

    /// How many of them keep the processor for long.
    pub fn spins(&self) -> usize {
        self.count(&|op| *op == Op::Spin)
    }

    /// Whether it changes how many threads there may be, which others must not notice.
    pub fn is_alone(&self) -> bool {
        self.count(&|op| matches!(op, Op::RunAll(_))) > 0
    }

    fn count(&self, is_meant: &dyn Fn(&Op) -> bool) -> usize {
        let in_step = |Step { op, .. }: &Step| match op {
            Op::Make { plan, .. } => usize::from(is_meant(op)) + plan.then.count(is_meant),
            _ => usize::from(is_meant(op)),
        };
        self.0.iter().map(in_step).sum()
    }
}

/// What a thread does with one of its contexts as its thread-default one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Arbitrary)]
pub struct Step {
    pub by: Thread,
    pub on: On,
    pub op: Op,
}

/// The threads that have contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Arbitrary)]
pub enum Thread {
    T0,
    T1,
    T2,
}

/// Which context is the thread's default during a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum On {
    /// The one that is: in a callback, its task's. Otherwise there is none.
    Current,
    First,
    Second,
    /// The one that no thread makes local tasks for.
    Free,
}

/// A context, by the place that it is kept in. A new one is made when a step
/// needs one and there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Place {
    FirstOf(Thread),
    SecondOf(Thread),
    Free,
}

impl Place {
    /// How many places there are.
    pub const COUNT: usize = 7;

    /// The place of each, below `COUNT`.
    pub fn index(self) -> usize {
        match self {
            Self::FirstOf(thread) => 2 * thread as usize,
            Self::SecondOf(thread) => 2 * thread as usize + 1,
            Self::Free => 6,
        }
    }
}

/// Where a task is kept, with all that there is to hold of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Slot {
    S0,
    S1,
    S2,
    S3,
    S4,
}

impl Slot {
    pub const ALL: [Self; 5] = [Self::S0, Self::S1, Self::S2, Self::S3, Self::S4];
}

/// Where a cancellable is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Token {
    C0,
    C1,
}

/// Where a `Progress` is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Bar {
    P0,
    P1,
}

impl Bar {
    pub const ALL: [Self; 2] = [Self::P0, Self::P1];
}

/// Where a `Group` is kept. A new one is made when a task is to be in it and there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Team {
    G0,
    G1,
}

impl Team {
    pub const ALL: [Self; 2] = [Self::G0, Self::G1];
}

/// One thing that a user can do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Arbitrary)]
pub enum Op {
    /// Make a task, on the thread-default context or for another one.
    Make {
        slot: Slot,
        plan: Plan,
    },
    /// `QioTask::complete`
    Complete(Slot, End),
    /// `QioTask::complete_in_idle`
    CompleteInIdle(Slot, End),
    /// Drop the `QioTask`.
    Drop(Slot),
    /// `QioTask::run_in_thread`. The step ends as the worker is at its first
    /// stop, or will never run, or waits for a place in its groups.
    Run(Slot),
    /// `QioTask::run_in_thread` for each task that is held and in no group, while as many
    /// workers run as may: they wait, and that one is cancelled meanwhile. The step ends as the
    /// others are at their first stop, having started one after the other.
    RunAll(Option<Slot>),
    /// A running worker takes a step.
    Worker(Slot, Act),
    /// A running worker returns.
    Finish(Slot, WorkerEnd),
    /// `Running::wait`, and meanwhile the worker returns, unless it has.
    Wait(Slot, WorkerEnd),
    /// `QioTask::watch_fd` or `QioTask::poll_every`
    Drive(Slot, Driver),
    /// What drives the task finds it ready.
    Ready(Slot, Go),
    /// `Running::cancel` or `Watch::cancel`
    Cancel(Slot),
    /// Drop the `Running` or the `Watch`.
    Detach(Slot),
    /// `QioTask::is_cancelled`, `Running::is_finished` or `Watch::is_finished`
    Ask(Slot),
    /// Poll the `TaskFuture`.
    Poll(Slot),
    /// Drop the `TaskFuture`.
    DropFuture(Slot),
    /// `TaskFuture::detach`
    DetachFuture(Slot),
    /// `Cancellable::cancel`
    CancelToken(Token),
    /// Put a new cancellable there for the tasks to come.
    RenewToken(Token),
    /// Connect a handler to the cancellable. It completes the task that is held there as
    /// the cancellable is cancelled, and so comes before the handlers of tasks that are
    /// made later.
    Connect(Token, Slot, End),
    /// `Progress::with_interval`, in place of the one that is there. Its callback
    /// cancels that cancellable.
    NewBar(Bar, Pace, Option<Token>),
    /// `Progress::report`
    Report(Bar),
    /// Drop the `Progress`.
    DropBar(Bar),
    /// `Messages::try_send`, to those of the task.
    Send(Slot),
    /// A running worker sends to those of its task, which blocks it while as many wait as may; then
    /// `Running::cancel`.
    CancelSending(Slot),
    Group(Team, GroupOp),
    Latest(LatestOp),
    /// One iteration of the context.
    Iterate,
    /// One iteration of the context while it has something else to do, at
    /// `G_PRIORITY_DEFAULT`.
    IterateBusy,
    /// Iterations of the context until nothing is left to do.
    Settle,
    /// A `MainLoop` on the context until it is idle, or told to quit.
    RunLoop,
    /// `MainLoop::quit` for the innermost loop, of any thread.
    Quit,
    /// Keep the processor for longer than a dispatch may take: it gives way
    /// after the callback that does this.
    Spin,
    /// Drop the reference on a context that keeps it for the program.
    DropContext(Place),
}

/// What is done with a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum GroupOp {
    /// `Group::new`, or `Group::within` where that one is there, in place of the one that is
    /// there; and `Group::cancel_on_error`.
    New {
        within: Option<Team>,
        cancels_on_error: bool,
    },
    SetMaxThreads(Max),
    Cancel,
    Close,
    Finish,
    /// `Group::len`, `Group::is_closed`, and whether `Group::ended` is ready.
    Ask,
    EndedWith,
    Drop,
}

/// How many members of a group may be at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Max {
    One,
    Two,
    Any,
}

impl Max {
    /// As a number.
    pub fn get(self) -> usize {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Any => usize::MAX,
        }
    }
}

/// What is done with the `Latest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum LatestOp {
    Cancel,
    /// `Latest::is_pending`
    Ask,
    /// The next task that is to be in it is in a new one.
    Drop,
}

/// What a task is made with, and what its callback does.
#[derive(Clone, PartialEq, Eq, Hash, Default, Arbitrary)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Plan {
    pub kind: Kind,
    pub named: bool,
    pub source: bool,
    pub priority: Level,
    pub cancellable: Option<Token>,
    pub unchecked: bool,
    /// `return_on_cancel(false)`
    pub returns_first: bool,
    pub timeout: Timeout,
    pub dedicated: bool,
    /// The `Progress` that belongs to it, if there is one there.
    pub progress: Option<Bar>,
    /// Messages belong to it, of which few may wait; unless it is for any thread.
    pub messages: bool,
    /// The first of its groups.
    pub group: Option<Team>,
    /// Another one, or the same once more.
    pub second: Option<Team>,
    /// It is in the `Latest`.
    pub latest: bool,
    /// The callback panics at its end, if it has been called inline.
    pub panics: bool,
    pub then: Script,
}

impl Plan {
    /// Whether messages belong to it.
    pub fn has_messages(&self) -> bool {
        self.messages && !matches!(self.kind, Kind::For(_))
    }

    /// Whether it is in a group.
    pub fn is_grouped(&self) -> bool {
        self.group.is_some() || self.second.is_some()
    }
}

impl fmt::Debug for Plan {
    /// Without what is as usual.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = Self::default();
        if *self == usual {
            return f.write_str("Plan::default()");
        }
        f.write_str("Plan { ")?;
        macro_rules! fields {
            ($($name:ident),*) => {
                $(if self.$name != usual.$name {
                    write!(f, concat!(stringify!($name), ": {:?}, "), self.$name)?;
                })*
            };
        }
        fields!(kind, named, source, priority, cancellable, unchecked);
        fields!(returns_first, timeout, dedicated, progress, messages);
        fields!(group, second, latest, panics, then);
        f.write_str("..Plan::default() }")
    }
}

/// Which callback a task has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Arbitrary)]
pub enum Kind {
    #[default]
    Local,
    /// `Builder::callback_on`
    For(Place),
    /// `Builder::future`. Then it has no script.
    Future,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Arbitrary)]
pub enum Level {
    High,
    Default,
    #[default]
    Idle,
    Low,
}

/// How long a task may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Arbitrary)]
pub enum Timeout {
    #[default]
    None,
    /// Its time is up as it is made.
    Zero,
    /// It outlives every program.
    Hour,
}

/// How many messages of a task may wait.
pub const BOUND: usize = 2;

/// How often the callback of a `Progress` may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Pace {
    AtOnce,
    /// An hour outlives every program; but completions do not wait for it.
    OnceAnHour,
}

/// What a task is completed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum End {
    Ok,
    Fail,
}

/// What drives a task without a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Driver {
    Descriptor,
    /// It outlives every program.
    Hourly,
}

/// What the function of a driven task returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Go {
    On,
    Break(End),
}

/// How a worker ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum WorkerEnd {
    Ok,
    Fail,
    Panic,
}

/// What a worker can do before it returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Arbitrary)]
pub enum Act {
    /// `Worker::is_cancelled`
    Check,
    /// Whether `Worker::cancellable` is cancelled.
    CheckCancellable,
    /// `Worker::commit`
    Commit,
    Report(Bar),
    /// `Messages::try_send`, to those of the task.
    Send(Slot),
    CancelToken(Token),
    /// `Group::cancel`
    CancelGroup(Team),
    /// Complete a task of somebody else.
    Complete(Slot, End),
    /// Drop a task of somebody else.
    Drop(Slot),
    /// Make a task on a context of its own, run it in a thread, and wait for it. A member of a
    /// group lends its place meanwhile, until there is one that nobody waits for.
    Own(WorkerEnd),
}

/// What ends every program: workers return, handles are dropped, and contexts
/// are iterated until nothing is left to do. It is done twice, and the second
/// time callbacks take no steps, and the contexts are dropped.
pub fn ending(is_last: bool) -> Vec<Step> {
    use Thread::{T0, T1, T2};
    let step = |by, on, op| Step { by, on, op };
    let mut steps = Vec::new();
    // As one ends, another one may have its place.
    for _ in Slot::ALL {
        for slot in Slot::ALL {
            steps.push(step(T0, On::Current, Op::Finish(slot, WorkerEnd::Ok)));
        }
    }
    for slot in Slot::ALL {
        for op in [Op::Drop, Op::DropFuture, Op::Detach] {
            steps.push(step(T0, On::Current, op(slot)));
        }
    }
    for bar in Bar::ALL {
        steps.push(step(T0, On::Current, Op::DropBar(bar)));
    }
    // What the callbacks of one leave for another comes in the next round.
    for _ in 0..2 {
        for by in [T0, T1, T2] {
            for on in [On::First, On::Second] {
                steps.push(step(by, on, Op::Settle));
            }
        }
        steps.push(step(T0, On::Free, Op::Settle));
    }
    for team in Team::ALL {
        steps.push(step(T0, On::Current, Op::Group(team, GroupOp::Ask)));
    }
    if !is_last {
        return steps;
    }
    steps.push(step(T0, On::Current, Op::Latest(LatestOp::Drop)));
    for by in [T0, T1, T2] {
        for place in [Place::FirstOf(by), Place::SecondOf(by)] {
            steps.push(step(by, On::Current, Op::DropContext(place)));
        }
    }
    steps.push(step(T0, On::Current, Op::DropContext(Place::Free)));
    for op in [GroupOp::Ask, GroupOp::Drop] {
        steps.extend(Team::ALL.map(|team| step(T0, On::Current, Op::Group(team, op))));
    }
    steps
}
