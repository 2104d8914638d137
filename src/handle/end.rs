//! How the task of a [`Handle`] ends.

use std::{cell::Cell, time::Duration};

use glib::MainContext;

use super::{
    Handle, Of, Share, table,
    task::{Checked, Core, ENDED, LetGo, Task},
};
use crate::{
    Error, QioTask,
    base::state::Interrupt,
    capi::{Callback, HostError, Owned},
    observe, runner,
};

/// How often a thread that waits for a callback on another one looks again.
const RETRY: Duration = Duration::from_millis(5);

impl Handle {
    /// Calls the task's function here, and frees the task.
    #[inline]
    pub(crate) fn complete(self) -> Checked<()> {
        let row = self.row().ok_or(ENDED)?;
        if let Some((parts, row)) = row.take(self.turn()) {
            parts.func().call(self);
            table::give_back(row.end());
            drop(parts);
            return Ok(());
        }
        let core = self.check(Task::hand_on)?;
        let share = Share(self, Of::Another);
        if let Some(core) = core {
            core.complete_here(self.outcome(share));
        } else {
            self.call_back();
            drop(share);
        }
        Ok(())
    }

    /// Has a source of the task's context call its function.
    pub(crate) fn complete_in_idle(self) -> Checked<()> {
        let core = self.check(|task| task.hand_on_core(self))?;
        core.complete_in_idle(self.outcome(Share(self, Of::Another)));
        Ok(())
    }

    /// Ends the task without a word of its completer.
    pub(crate) fn abandon(self) -> Checked<()> {
        let core = self.check(|task| task.hand_on_core(self))?;
        // The core ends the task on its context, and frees it there.
        drop(Share(self, Of::Another));
        drop(core);
        Ok(())
    }

    /// Frees the task here, and its function is not called. One that has ended or
    /// was handed on is not its holder's any more, and goes by itself.
    pub(crate) fn free(self) {
        let Some(row) = self.row() else { return };
        if let Some((parts, row)) = row.take(self.turn()) {
            table::give_back(row.end());
            drop(parts);
            return;
        }
        let Ok(Some(LetGo { core, seen })) = self.ask(None, Task::let_go) else {
            return;
        };
        let holder = Share(self, Of::Another);
        // Unlocked, all of it: a cancellable, and what GIO saw of the task, may have
        // foreign code to call as they go.
        if core.is_some_and(Core::withdraw) {
            drop(Share(self, Of::Another));
        }
        if let Some(seen) = seen {
            seen.show(self, || ());
        }
        drop(holder);
    }

    /// Calls `worker` in a thread, then has a source of `context` call the
    /// task's function. `data` is what the worker's data are, once it is due.
    pub(crate) fn run_in_thread(
        self,
        worker: Callback,
        data: impl FnOnce() -> Owned,
        mut context: Option<MainContext>,
    ) -> Checked<()> {
        let core = self.check(|task| task.hand_to_worker(self, data, &mut context))?;
        match core {
            Some(core) => drop(core.run_in_thread(move |_| self.work(worker))),
            // It has ended before.
            None => drop(Share(self, Of::Another)),
        }
        Ok(())
    }

    /// Blocks until the worker has returned, and calls the task's function
    /// here, unless that is being done elsewhere: then it blocks until that is
    /// done.
    pub(crate) fn wait_thread(self) -> Checked<()> {
        if WORKED_FOR.get() == self.number() {
            return Err("task is not the worker's own");
        }
        let (node, ends_here) = self.check(|task| Ok((task.waiter()?, task.ends_here())))?;
        if ends_here {
            // Who waits is being told of its progress, before that.
            self.call_back();
            return Ok(());
        }
        self.leave_news();
        runner::blocking(|| node.wait_for_worker());
        node.deliver_here(None);
        node.take_back();
        // Who calls it has the node, too.
        while !node.is_finished() && !node.is_last() {
            runner::blocking(|| node.wait_for_callback(RETRY));
        }
        Ok(())
    }

    /// Ends the task from outside, unless it has ended.
    pub(crate) fn cancel(self) -> Checked<()> {
        let node = self.check_or(None, |task| task.cancel(self))?;
        if let Some(node) = node {
            node.interrupt(Interrupt::Cancelled);
        }
        Ok(())
    }

    /// Whether the task was ended from outside.
    pub(crate) fn is_cancelled(self) -> Checked<bool> {
        let node = self.ask(None, |task| task.node.clone())?;
        Ok(node.is_some_and(|node| {
            node.check_deadline();
            node.is_interrupted()
        }))
    }

    /// The cancellable for blocking calls in the task's worker.
    pub(crate) fn worker_cancellable(self) -> Checked<gio::Cancellable> {
        let node = self.check(|task| task.thread())?;
        Ok(node.worker_cancellable().clone())
    }

    /// Calls `f` where the task's function is called, as soon as that could be.
    pub(super) fn in_idle(self, f: impl FnOnce() + Send + 'static) {
        let place = self.check(|task| Ok((task.context().clone(), task.priority)));
        let Ok((context, priority)) = place else {
            return;
        };
        let task = QioTask::builder()
            .priority(priority)
            .callback_on(&context, |_: Result<(), Error>| f());
        observe::hide(task.node().id());
        task.complete_in_idle(Ok(()));
    }

    /// Calls the worker, unless the task has ended meanwhile.
    fn work(self, worker: Callback) -> Result<Option<Share>, Option<Share>> {
        if self.ask(false, Task::take_worker_share) != Ok(true) {
            return Ok(None);
        }
        let share = Share(self, Of::Worker);
        WORKED_FOR.set(self.number());
        worker.call(self);
        WORKED_FOR.set(0);
        self.outcome(share)
    }

    /// What a completer ends a core with.
    fn outcome(self, share: Share) -> Result<Option<Share>, Option<Share>> {
        match self.ask(false, |task| task.is_failed()) {
            Ok(true) => Err(Some(share)),
            _ => Ok(Some(share)),
        }
    }

    /// The core has ended: its callback.
    pub(super) fn end(self, result: Result<Option<Share>, Error<Option<Share>>>) {
        let share = Share(self, Of::Another);
        let completer = match result {
            Ok(completer) | Err(Error::Failed(completer)) => completer,
            Err(why) => {
                let mut error = Some(HostError::new(&why.describe()));
                let keeps = matches!(why, Error::Abandoned);
                let is_free = self.ask(false, |task| {
                    if !(keeps && task.is_failed())
                        && let Some(error) = error.take()
                    {
                        task.fail(error);
                    }
                    task.take_worker_share()
                });
                // A worker that has not started never will.
                (is_free == Ok(true)).then(|| Share(self, Of::Another))
            }
        };
        self.call_back();
        drop((completer, share));
    }

    /// Calls the task's function, after what has been reported.
    fn call_back(self) {
        let _ = self.ask((), Task::begin_end);
        self.tell();
        // Who was told may have waited for the task, and so ended it.
        match self.check(|task| Ok(task.end())) {
            Ok(Some((func, Some(ended)))) => ended.show(self, || func.call(self)),
            Ok(Some((func, None))) => func.call(self),
            Ok(None) | Err(_) => {}
        }
    }
}

thread_local! {
    /// The number of the task whose worker this thread calls.
    static WORKED_FOR: Cell<usize> = const { Cell::new(0) };
}
