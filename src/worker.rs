//! [`Worker`]: what a worker function sees of its task.

use std::fmt;

use crate::{Cancelled, node::node::NodeRef};

/// A task, as its worker function sees it in its thread.
///
/// A worker that takes long asks it now and then whether the result is still
/// wanted. One that ignores it does no harm: the callback has been told, and
/// the late result is dropped.
pub struct Worker {
    node: NodeRef,
}

impl Worker {
    pub(crate) fn new(node: NodeRef) -> Self {
        Self { node }
    }

    /// Whether the task has been cancelled or its timeout has passed.
    #[doc(alias = "g_cancellable_is_cancelled")]
    pub fn is_cancelled(&self) -> bool {
        self.node.check_deadline();
        self.node.is_interrupted()
    }

    /// Returns early, by `?`, from a worker whose result is not wanted any more.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] when the task has been cancelled or its timeout has passed.
    #[doc(alias = "g_cancellable_set_error_if_cancelled")]
    pub fn check_cancelled(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }

    /// A cancellable for blocking calls of GIO, cancelled when the task is
    /// cancelled or times out. It is this task's own: cancelling it stops those
    /// calls and not the task.
    #[doc(alias = "g_task_get_cancellable")]
    pub fn cancellable(&self) -> &gio::Cancellable {
        self.node.worker_cancellable()
    }

    /// The name that the task was given.
    #[doc(alias = "g_task_get_name")]
    pub fn name(&self) -> Option<&str> {
        self.node.name()
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name())
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}
