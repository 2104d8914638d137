//! What the contestants have in common: one small trait for each thing that is
//! measured, so that a measure is written once for all of them.
//!
//! The traits are generic where a call would otherwise cost an allocation or an
//! indirection that the contestant itself doesn't have.

pub mod async_channel;
pub mod blocking;
mod futures;
pub mod gio;
pub mod gtask;
/// Where the system has it, as `build.rs` finds out.
#[cfg(libdex)]
pub mod libdex;
pub mod limit;
pub mod qio;
pub mod qiotask;
pub mod tokio;

use std::{ops::ControlFlow, time::Duration};

use ::gio::SimpleAction;

/// Runs a blocking function in a thread and calls back on the main context.
pub trait Spawn: 'static {
    /// Lets there be so many threads, where the contestant can be told. Called
    /// before the first of them starts.
    ///
    /// # Errors
    ///
    /// When the contestant should have been told and could not be.
    fn set_max_threads(_max: usize) -> anyhow::Result<()> {
        Ok(())
    }

    /// Runs `work` in a thread, then `done` in a dispatch of the default main
    /// context, at the contestant's own default priority. Called in a dispatch
    /// of that context, too.
    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static);

    /// Runs an empty function in a thread, then `again` on the main context, and
    /// all over, until that breaks.
    fn in_turn(mut again: impl FnMut() -> ControlFlow<()> + 'static) {
        Self::spawn(
            || (),
            || {
                if again().is_continue() {
                    Self::in_turn(again);
                }
            },
        );
    }
}

/// Runs a blocking function in a thread, and calls back early when that takes too long.
pub trait Deadline: Spawn {
    /// As [`Spawn::spawn`] does, within `timeout` if there is one.
    fn spawn_within(
        timeout: Option<Duration>,
        work: impl FnOnce() + Send + 'static,
        done: impl FnOnce() + 'static,
    );
}

/// Has tasks in groups.
pub trait Grouped: Spawn {
    type Group: 'static;
    /// A task that is held.
    type Task: 'static;

    fn group() -> Self::Group;
    /// So many of its workers may be at work at once.
    fn limit(group: &Self::Group, max: usize);
    fn cancel(group: &Self::Group);
    /// Makes a task and completes it here.
    fn complete_in(group: Option<&Self::Group>, done: impl FnOnce() + 'static);
    /// As [`Spawn::spawn`] does, with a worker that does nothing.
    fn spawn_in(group: Option<&Self::Group>, done: impl FnOnce() + 'static);
    /// A task that nobody completes.
    fn hold_in(group: &Self::Group) -> Self::Task;
}

/// Makes a task about an object and completes it on its own thread.
pub trait Inline: 'static {
    /// A task that is not completed yet, whose callback is of type `D`.
    type About<D: FnOnce(&SimpleAction) + 'static>: 'static;

    /// Makes one that calls `done` with the object.
    fn make_about<D: FnOnce(&SimpleAction) + 'static>(
        source: &SimpleAction,
        done: D,
    ) -> Self::About<D>;

    /// Completes it: `done` is called at once, or in a later dispatch if the
    /// contestant will have it so.
    fn complete_here<D: FnOnce(&SimpleAction) + 'static>(task: Self::About<D>);
}

/// Makes tasks that other threads complete by hand.
pub trait Foreign: 'static {
    /// A task that is not completed yet.
    type Task: Send + 'static;

    /// Makes one that calls `done` on this thread.
    fn make(done: impl FnOnce() + 'static) -> Self::Task;

    /// Completes it, on any thread.
    fn complete(task: Self::Task);
}

/// Ends tasks before they are done.
pub trait Cancel: 'static {
    /// A task with a worker.
    type Running: 'static;
    /// A task that waits for its end.
    type Waiting: 'static;

    /// Runs `work`, which is told how it learns that it is not wanted any more.
    /// `done` learns whether the task was cancelled.
    fn run(
        work: impl FnOnce(&dyn Fn() -> bool) + Send + 'static,
        done: impl FnOnce(bool) + 'static,
    ) -> Self::Running;

    /// Cancels the task.
    fn cancel(task: &Self::Running);

    /// Makes a task that ends when `cancellable` is cancelled. `blocked` never
    /// returns: it is for the contestants that have no task without a worker.
    fn wait_on(
        cancellable: &::gio::Cancellable,
        blocked: impl FnOnce() + Send + 'static,
        done: impl FnOnce(bool) + 'static,
    ) -> Self::Waiting;
}

/// Sends numbers to the main loop, each of which counts.
pub trait Messages: 'static {
    /// What they are sent with.
    type Sender: Send + 'static;

    /// Has `receive` called on the default main context. No more than `bound` wait.
    fn open(bound: usize, receive: impl FnMut(u64) + 'static) -> Self::Sender;

    /// Sends one, as soon as there is room.
    fn send(sender: &Self::Sender, number: u64);
}
