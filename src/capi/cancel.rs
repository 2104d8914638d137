//! How a task is cancelled, and how its worker sees that.

use super::{check::Checked, handle::Handle, work::works_for};
use crate::base::state::Interrupt;

impl Handle {
    /// Ends the task from outside, unless it has ended.
    pub(super) fn cancel(self) -> Checked<()> {
        let node = self.check_or(None, |task| {
            let node = if task.completion.is_held() {
                Some(task.bound(self)?.clone())
            } else {
                task.node.clone()
            };
            task.is_cancelled = true;
            Ok(node)
        })?;
        if let Some(node) = node {
            node.interrupt(Interrupt::Cancelled);
        }
        Ok(())
    }

    /// Whether the task's function hears of an end from outside at once, or as the worker has
    /// returned.
    pub(super) fn set_return_on_cancel(self, at_once: bool) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            task.bound(self)?.state.set_returns_first(!at_once);
            Ok(())
        })
    }

    /// The worker is past the point of no return, unless it has been told to stop.
    pub(super) fn commit(self) -> Checked<bool> {
        if !works_for(self) {
            return Err("task is the worker's own");
        }
        let node = self.check(|task| task.worker_node())?;
        Ok(node.commit())
    }

    /// Whether the task was ended from outside.
    pub(super) fn is_cancelled(self) -> Checked<bool> {
        let node = self.ask(None, |task| task.node.clone())?;
        Ok(node.is_some_and(|node| {
            node.check_deadline();
            node.is_interrupted()
        }))
    }

    /// The cancellable for blocking calls in the task's worker.
    pub(super) fn worker_cancellable(self) -> Checked<gio::Cancellable> {
        let node = self.check(|task| task.worker_node())?;
        Ok(node.worker_cancellable().clone())
    }
}
