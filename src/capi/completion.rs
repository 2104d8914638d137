//! [`Completion`]: who is to end a task, and whether it has ended.
//!
//! The state of a node does not know it: a task that no loop ends has none, and one that has
//! is told of its progress between the moment at which its callback is taken and the call of
//! its function.

use std::mem;

use super::check::{Checked, ENDED};
use crate::node::home::{self, Home};

/// See the module's documentation.
pub(super) struct Completion {
    owner: Owner,
    /// The thread that tells of its progress for the last time, and then calls its function.
    ends_on: Option<Home>,
    /// Whether its function is being called, or was, or never will be.
    is_ended: bool,
}

/// Who is to end a task, and has a reference on it for that.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// Whoever in C holds it: to complete it, or to hand it on.
    Holder,
    /// A worker that has not started.
    WaitingWorker,
    /// The library, which has the reference somewhere else.
    Library,
}

impl Completion {
    pub(super) fn new() -> Self {
        Self {
            owner: Owner::Holder,
            ends_on: None,
            is_ended: false,
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.owner == Owner::Holder
    }

    /// Refuses a call that is for whoever in C holds the task.
    pub(super) fn check_held(&self) -> Checked<()> {
        match (self.owner, self.is_ended) {
            (Owner::Holder, _) => Ok(()),
            (_, true) => Err(ENDED),
            (_, false) => Err("task has not been handed on"),
        }
    }

    /// The holder gives its reference to who calls this.
    pub(super) fn take_over(&mut self) -> Checked<()> {
        self.check_held()?;
        self.owner = Owner::Library;
        Ok(())
    }

    /// The reference that was taken over waits for the worker to start.
    pub(super) fn leave_to_worker(&mut self) {
        self.owner = Owner::WaitingWorker;
    }

    /// Takes the reference that waits for the worker to start, if it still does.
    /// Whoever comes first has it: the worker, or who ends the task before.
    pub(super) fn take_from_waiting_worker(&mut self) -> bool {
        let is_there = self.owner == Owner::WaitingWorker;
        if is_there {
            self.owner = Owner::Library;
        }
        is_there
    }

    /// Begins to end the task, here: it is too late to report anything.
    pub(super) fn begin_end(&mut self) {
        self.ends_on = Some(home::here());
    }

    pub(super) fn is_ending(&self) -> bool {
        self.ends_on.is_some()
    }

    pub(super) fn ends_here(&self) -> bool {
        self.ends_on == Some(home::here())
    }

    /// Ends the task. Says whether it had ended before.
    pub(super) fn end(&mut self) -> bool {
        mem::replace(&mut self.is_ended, true)
    }

    pub(super) fn is_ended(&self) -> bool {
        self.is_ended
    }
}
