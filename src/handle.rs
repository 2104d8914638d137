//! [`Handle`]: a task for who can't own one.
//!
//! A program in C has the same pointer before and after its task has ended. So
//! it gets a number instead: of a row in the table of the tasks that live, and
//! of the turn in which that row is used. A task that has been freed is known
//! as such, and nothing is done with it.

mod end;
mod face;
mod progress;
mod table;
mod task;

use std::{ffi::c_void, sync::atomic::Ordering};

pub(crate) use task::{Checked, Outcome, Parts, Task, check_wakeable};

use crate::{lock, observe};
use task::ENDED;

/// The number of a row, from one, and above it the turn.
#[derive(Clone, Copy)]
pub(crate) struct Handle(usize);

impl Handle {
    pub(crate) fn from_number(number: usize) -> Self {
        Self(number)
    }

    /// Never zero.
    #[inline]
    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// Lets those see a new task who look: of a plain one there is nothing to see.
    #[inline]
    pub(crate) fn let_be_seen(self) {
        if observe::is_wanted() {
            self.be_seen();
        }
    }

    #[cold]
    fn be_seen(self) {
        // One whose context can't be woken works all the same.
        let _ = self.check(|task| task.check_and_arm(self));
    }

    /// Looks at the task, which is plain no more. `look` runs no foreign code.
    pub(crate) fn check<R>(self, look: impl FnOnce(&mut Task) -> Checked<R>) -> Checked<R> {
        let row = self.row().ok_or(ENDED)?;
        let mut task = lock(&row.beside.task);
        if let Some((parts, taken)) = row.take(self.turn()) {
            *task = Some(Box::new(Task::new(parts, taken)));
        }
        // There is none when it is plain and being completed.
        let task = task.as_mut().filter(|_| row.is_in(self.turn()));
        look(task.ok_or(ENDED)?)
    }

    /// As [`check`](Self::check), for what is no misuse of a plain task that is
    /// being completed either: `of_plain` is what comes of it.
    fn check_or<R>(self, of_plain: R, look: impl FnOnce(&mut Task) -> Checked<R>) -> Checked<R> {
        match self.check(look) {
            Err(ENDED) => self.ask(Some(of_plain), |_| None)?.ok_or(ENDED),
            checked => checked,
        }
    }

    /// Asks the task for something. `of_plain` is what a plain one would say.
    pub(crate) fn ask<R>(self, of_plain: R, ask: impl FnOnce(&mut Task) -> R) -> Checked<R> {
        let row = self.row().ok_or(ENDED)?;
        let mut task = lock(&row.beside.task);
        match task.as_mut() {
            _ if !row.is_in(self.turn()) => Err(ENDED),
            Some(task) => Ok(ask(task)),
            None => Ok(of_plain),
        }
    }

    /// The source of the task.
    pub(crate) fn source(self) -> Checked<*mut c_void> {
        let row = self.row().ok_or(ENDED)?;
        let is_in = row.is_in(self.turn());
        // ORDERING: acquires the end of the turn, if this is the next one's.
        let source = row.beside.source.load(Ordering::Acquire);
        if is_in && row.is_in(self.turn()) {
            Ok(source)
        } else {
            Err(ENDED)
        }
    }
}

/// A share in a task that is not plain: its completer has one, and so has what
/// waits to call its function. With the last one it is freed.
pub(crate) struct Share(Handle, Of);

/// Whose share it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// A worker's, which may return late, when the task's function has been called.
    Worker,
    Another,
}

impl Drop for Share {
    fn drop(&mut self) {
        let Some(row) = self.0.row().filter(|row| row.is_in(self.0.turn())) else {
            return;
        };
        let mut task = lock(&row.beside.task);
        let Some(shared) = task.as_mut() else { return };
        shared.shares -= 1;
        if shared.shares == 0 {
            let last = task.take();
            drop(task);
            // Unlocked: what frees is foreign code.
            match (last, self.1) {
                (Some(last), Of::Worker) => last.free_at_home(),
                (Some(last), Of::Another) => last.free(),
                (None, _) => {}
            }
        }
    }
}
