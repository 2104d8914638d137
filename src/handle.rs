//! [`Handle`]: a task for who can't own one, as a number.
//!
//! A program in C has no type that is used up: it has the same pointer before
//! and after the task has ended. So it gets a number, of a row in the table of
//! the tasks that live, and of the turn in which that row is used. One that has
//! been freed is known as such, and nothing is done with it.

mod end;
mod task;

use std::{mem, sync::Mutex};

use slab::Slab;

use task::ENDED;
pub(crate) use task::{Checked, Task};

use crate::{lock, trim};

/// A row, counted from one, and above it the turn.
#[derive(Clone, Copy)]
pub(crate) struct Handle(usize);

/// Of 64 bits, one half each: as many tasks at once, and before a number comes
/// again.
const ROW_BITS: u32 = if usize::BITS == 64 { 32 } else { 20 };
const ROW: usize = (1 << ROW_BITS) - 1;

struct Tasks {
    rows: Slab<(usize, Task)>,
    next_turn: usize,
}

static TASKS: Mutex<Tasks> = Mutex::new(Tasks {
    rows: Slab::new(),
    next_turn: 0,
});

impl Handle {
    /// Takes in `task`, after `prepare`, which runs no foreign code.
    ///
    /// # Panics
    ///
    /// Panics when there are more tasks than rows.
    #[inline]
    pub(crate) fn new(mut task: Task, prepare: impl FnOnce(Self, &mut Task)) -> Self {
        let tasks = &mut *lock(&TASKS);
        let row = tasks.rows.vacant_entry();
        assert!(row.key() < ROW, "there are too many tasks");
        let handle = Self(tasks.next_turn << ROW_BITS | (row.key() + 1));
        tasks.next_turn = tasks.next_turn.wrapping_add(1);
        prepare(handle, &mut task);
        row.insert((handle.turn(), task));
        handle
    }

    pub(crate) fn from_number(number: usize) -> Self {
        Self(number)
    }

    /// Never zero.
    #[inline]
    pub(crate) fn number(self) -> usize {
        self.0
    }

    #[inline]
    fn turn(self) -> usize {
        self.0 >> ROW_BITS
    }

    /// Looks at the task, unless it has been freed. `look` runs no foreign code.
    #[inline]
    fn with<R>(self, look: impl FnOnce(&mut Task) -> R) -> Option<R> {
        lock(&TASKS).get(self).map(look)
    }

    /// As [`with`](Self::with), with what that asserts.
    #[inline]
    pub(crate) fn check<R>(self, look: impl FnOnce(&mut Task) -> Checked<R>) -> Checked<R> {
        self.with(look).unwrap_or(Err(ENDED))
    }
}

impl Tasks {
    #[inline]
    fn get(&mut self, handle: Handle) -> Option<&mut Task> {
        let (turn, task) = self.rows.get_mut((handle.0 & ROW).checked_sub(1)?)?;
        (*turn == handle.turn()).then_some(task)
    }
}

/// A share in a task: its completer has one, and so has what waits to call its
/// function. With the last one it is freed.
pub(crate) struct Share(Handle);

impl Share {
    pub(crate) fn handle(&self) -> Handle {
        self.0
    }

    /// Gives the share back, unless it is the last one.
    fn spare(self) -> Option<Self> {
        let is_last = self.0.with(|task| {
            let is_last = task.shares == 1;
            task.shares -= u8::from(!is_last);
            is_last
        });
        if is_last == Some(true) {
            return Some(self);
        }
        mem::forget(self);
        None
    }
}

impl Drop for Share {
    #[inline]
    fn drop(&mut self) {
        let mut tasks = lock(&TASKS);
        let Some(task) = tasks.get(self.0) else {
            return;
        };
        task.shares -= 1;
        if task.shares > 0 {
            return;
        }
        let freed = tasks.rows.remove((self.0.0 & ROW) - 1);
        trim(&mut tasks.rows);
        drop(tasks);
        // Unlocked: what frees is foreign code.
        drop(freed);
    }
}
