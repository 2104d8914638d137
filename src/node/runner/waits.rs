//! Which jobs wait for others: in [`blocking`], or for a future by its [`Wait`].
//!
//! A thread counts as blocked while its job waits for anything. The count is the thread's, and
//! starts anew with each job: what a job leaves pending, nobody waits for any more.

use std::{any::Any, cell::Cell};

use super::lent;
use crate::node::home::{self, Home};

/// Has the pool know that this thread is blocked, until what it returns is dropped.
type Block = fn() -> Box<dyn Any>;

thread_local! {
    /// If this thread runs jobs.
    static SERVES: Cell<Option<Block>> = const { Cell::new(None) };
    /// How many things its job waits for.
    static WAITS: Cell<usize> = const { Cell::new(0) };
    /// While it waits for any.
    static BLOCKED: Cell<Option<Box<dyn Any>>> = const { Cell::new(None) };
    /// How many of its jobs have left something pending.
    static JOB_NUMBER: Cell<u32> = const { Cell::new(0) };
}

/// This thread runs jobs, from now on.
pub(super) fn begin_to_serve(block: Block) {
    SERVES.set(Some(block));
}

/// It runs no more jobs. What its storage's destructors wait for is no job's.
pub(super) fn end_to_serve() {
    SERVES.set(None);
}

/// This thread ends in the middle of its job, and may have nothing left that is its own.
#[cfg(feature = "capi")]
#[cfg_attr(
    windows,
    allow(dead_code, reason = "no call is known there to end its thread")
)]
pub(super) fn end_with_thread() {
    end_to_serve();
    lent::end();
    // What was not used is not to be used now: nobody would drop it.
    if WAITS.replace(0) > 0 {
        let _ = BLOCKED.try_with(|blocked| drop(blocked.take()));
    }
}

/// The job of this thread has nothing more to do but to send its result: what
/// it has left pending somewhere is not its own any more.
pub(crate) fn end_waits() {
    lent::end();
    if WAITS.replace(0) > 0 {
        JOB_NUMBER.set(JOB_NUMBER.get().wrapping_add(1));
        drop(BLOCKED.take());
    }
}

/// Whether the worker of this thread has places in groups, which it would lend.
pub(crate) fn has_places() -> bool {
    lent::working().is_some()
}

/// Calls `wait`, which blocks this thread until another job is done.
pub(crate) fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    struct Waits;
    impl Drop for Waits {
        fn drop(&mut self) {
            end();
        }
    }

    let _waits = begin().then(|| Waits);
    wait()
}

/// Which job waits for a future, as far as it counts: by its thread and turn.
#[derive(Default)]
pub(crate) struct Wait(Option<(Home, u32)>);

impl Wait {
    fn here() -> (Home, u32) {
        (home::here(), JOB_NUMBER.get())
    }

    /// The future was polled on this thread and is pending: whoever polled it
    /// will wait for it somehow.
    pub(crate) fn begin(&mut self) {
        let here = Self::here();
        if self.0 != Some(here) && begin() {
            self.0 = Some(here);
        }
    }

    /// Nobody waits for the future any more.
    pub(crate) fn end(&mut self) {
        // A job that it has left meanwhile ends that itself.
        if self.0.take() == Some(Self::here()) {
            end();
        }
    }
}

/// Says whether it counts, and has to end.
fn begin() -> bool {
    let Some(block) = SERVES.get() else {
        return false;
    };
    let waits = WAITS.get();
    WAITS.set(waits + 1);
    if waits == 0 {
        BLOCKED.set(Some(block()));
    }
    true
}

fn end() {
    let waits = WAITS.get() - 1;
    WAITS.set(waits);
    if waits == 0 {
        drop(BLOCKED.take());
    }
}
