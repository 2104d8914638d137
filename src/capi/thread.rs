//! How a task runs in a thread, and how that is waited for.

use std::{num::NonZero, time::Duration};

use glib::MainContext;

use super::{
    c_types::{OwnedData, WorkerAndData},
    check::{Checked, ENDED},
    handle::Handle,
    inner::Inner,
    task::{FullTask, TaskRef},
    work::{Work, works_for},
};
use crate::node::{node::NodeRef, runner::waits::blocking};

/// How often a thread that waits for a function on another one looks again.
const RETRY: Duration = Duration::from_millis(5);

impl Handle {
    /// Calls `worker` in a thread, then has a source of `context` call the
    /// task's function. `data` is what the worker's data are, once it is due.
    pub(super) fn run_in_thread(
        self,
        worker: WorkerAndData,
        data: impl FnOnce() -> OwnedData,
        context: Option<MainContext>,
    ) -> Checked<()> {
        let (inner, last_context) = self.check(|task| task.hand_to_worker(self, data, context))?;
        match inner {
            Some(inner) => drop(inner.hand_to(Work { task: self, worker })),
            // It has ended before.
            None => drop(TaskRef::from_counted(self)),
        }
        drop(last_context);
        Ok(())
    }

    /// Has the worker run in a thread of its own, or in one that others use too.
    pub(super) fn set_dedicated_thread(self, is_dedicated: bool) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            task.is_dedicated = is_dedicated;
            Ok(())
        })
    }

    /// Has the task time out as its worker shows no sign of life for so long.
    pub(super) fn set_inactivity_timeout(self, limit: Option<Duration>) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            task.inactivity = limit;
            Ok(())
        })
    }

    /// The worker shows a sign of life.
    pub(super) fn touch(self) -> Checked<()> {
        self.ask((), |task| task.touch())
    }

    /// Has the worker run in a thread of its own, with a stack of this size.
    pub(super) fn set_worker_stack_size(self, size: NonZero<usize>) -> Checked<()> {
        self.check(|task| {
            task.completion.check_held()?;
            task.is_dedicated = true;
            task.stack_size = Some(size);
            Ok(())
        })
    }

    /// Blocks until the worker has returned, if there is one still. The task's function may have
    /// been called long ago.
    pub(super) fn wait_worker(self) -> Checked<()> {
        if works_for(self) {
            return Err("task is not the worker's own");
        }
        // One that has ended in every respect has no worker any more.
        if let Ok(node) = self.check(|task| Ok(task.worker_node())) {
            let node = node?;
            node.wait_with_messages(None, |is_due| {
                blocking(|| node.wait_for_worker_end(is_due));
            });
        }
        Ok(())
    }

    /// Blocks until the worker has returned, and calls the task's function
    /// here, unless that is being done elsewhere: then it blocks until that is
    /// done.
    pub(super) fn wait_thread(self) -> Checked<()> {
        if works_for(self) {
            return Err("task is not the worker's own");
        }
        let (node, ends_here) =
            self.check(|task| Ok((task.node_to_wait_for()?, task.completion.ends_here())))?;
        if ends_here {
            // Who waits is being told of its progress, before that.
            self.call_func();
            return Ok(());
        }
        self.leave_telling();
        node.wait_with_messages(None, |is_due| {
            blocking(|| node.wait_for_worker(is_due));
        });
        node.deliver_here(None);
        // Who calls it has the node, too.
        while !node.is_finished() && !node.is_last() {
            blocking(|| node.wait_for_callback(RETRY));
        }
        Ok(())
    }
}

impl FullTask {
    /// Its worker shows a sign of life.
    pub(super) fn touch(&self) {
        if let Some(node) = &self.node {
            node.touch();
        }
    }

    /// The holder gives it to a worker with these data, for it to end on this context, and
    /// gets the last one. There is nothing to run the worker when it has ended before.
    fn hand_to_worker(
        &mut self,
        handle: Handle,
        data: impl FnOnce() -> OwnedData,
        context: Option<MainContext>,
    ) -> Checked<(Option<Inner<TaskRef>>, Option<MainContext>)> {
        self.completion.check_held()?;
        let last_context = self.move_to(handle, context);
        self.worker_data = Some(data());
        let inner = self.take_over()?;
        if let Some(inner) = &inner {
            self.completion.leave_to_worker();
            if self.is_dedicated {
                inner.node().set_dedicated_thread();
            }
            if let Some(limit) = self.inactivity {
                inner.node().set_inactivity(limit);
            }
            if let Some(size) = self.stack_size {
                inner.node().set_stack_size(size);
            }
        }
        Ok((inner, last_context))
    }

    /// What is waited for, on this thread.
    fn node_to_wait_for(&self) -> Checked<NodeRef> {
        let node = self.worker_node()?;
        // Else its function is being called elsewhere.
        if self.completion.is_ended() && (self.completion.ends_here() || node.is_finished()) {
            return Err(ENDED);
        }
        Ok(node)
    }
}
