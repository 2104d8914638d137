//! The once-only state machine of a task, free of GLib and of the task's types.
//!
//! Two sides settle a task: its *completer* (the `QioTask` or the worker that
//! consumed it), exactly once, and *interrupts* (a cancellable, a timeout, a
//! handle), at any time. Its callback is *taken* once, by whoever runs it.
//! The value itself travels beside this machine: the machine only says whether
//! it is still wanted.

/// Why a task was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    Cancelled,
    TimedOut,
}

/// What the callback is to be called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What the completer left.
    Completed,
    /// The interrupt; what the completer left or leaves is not wanted.
    Interrupted(Interrupt),
}

/// How the task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing has been decided. The completer has not ended.
    Open,
    /// Decided by the completer, which has ended. A success may still give way
    /// to an interrupt.
    Completed { success: bool },
    /// Decided from outside. The completer may have ended or not.
    Interrupted(Interrupt),
    /// The callback was taken, or dropped with its context: nothing changes any more.
    Taken,
}

/// The worker of a task that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// In the queue, or there is no worker.
    Waiting,
    /// Its function is being called.
    Running,
    /// Its function has returned, or never will be called.
    Over,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct State {
    phase: Phase,
    stage: Stage,
    /// A delivery is on its way that will see what was decided.
    queued: bool,
    /// Whether an interrupt replaces a success that waits for its delivery.
    check_cancellable: bool,
}

impl State {
    pub(crate) fn new(check_cancellable: bool) -> Self {
        Self {
            phase: Phase::Open,
            stage: Stage::Waiting,
            queued: false,
            check_cancellable,
        }
    }

    /// The completer ends, with a success or not. Says whether a delivery has
    /// to be sent: to run the callback or, when that is done already, to drop
    /// at home what came too late.
    pub(crate) fn complete(&mut self, success: bool) -> bool {
        self.stage = Stage::Over;
        if self.phase == Phase::Open {
            self.phase = Phase::Completed { success };
        }
        self.queue()
    }

    /// Ends the task from outside, unless it is too late. Says whether a
    /// delivery has to be sent.
    pub(crate) fn interrupt(&mut self, why: Interrupt) -> bool {
        match self.phase {
            Phase::Completed { success: true } if self.check_cancellable => {}
            Phase::Open => {}
            _ => return false,
        }
        self.phase = Phase::Interrupted(why);
        self.queue()
    }

    fn queue(&mut self) -> bool {
        !std::mem::replace(&mut self.queued, true)
    }

    /// A delivery has arrived. The first that finds the task decided gets the
    /// verdict, and with it the callback.
    pub(crate) fn take(&mut self) -> Option<Verdict> {
        self.queued = false;
        let verdict = match self.phase {
            Phase::Open | Phase::Taken => return None,
            Phase::Completed { .. } => Verdict::Completed,
            Phase::Interrupted(why) => Verdict::Interrupted(why),
        };
        self.phase = Phase::Taken;
        Some(verdict)
    }

    /// The context is gone: the callback is dropped, not called. So is a
    /// delivery that was on its way: what the completer leaves from now on has
    /// to be sent anew, to be dropped at home.
    pub(crate) fn bury(&mut self) {
        self.phase = Phase::Taken;
        self.queued = false;
    }

    /// Whether the worker may start: not when the task was ended before.
    pub(crate) fn start_worker(&mut self) -> bool {
        let start = self.phase == Phase::Open && self.stage == Stage::Waiting;
        self.stage = if start { Stage::Running } else { Stage::Over };
        start
    }

    /// Whether the worker has returned or never will run; in a task that was
    /// ended while its worker waited for a thread, it never will.
    pub(crate) fn is_worker_over(&self) -> bool {
        match self.stage {
            Stage::Waiting => self.phase != Phase::Open,
            Stage::Running => false,
            Stage::Over => true,
        }
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.phase == Phase::Taken
    }
}
