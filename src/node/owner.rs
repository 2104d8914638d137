//! [`Owner`]: a task, to what belongs to it until it has ended.

use std::sync::Arc;

/// What belongs to tasks, as the reports of a [`Progress`](crate::Progress) may.
pub(crate) trait Owned: Send + Sync {
    /// It belongs to one more task.
    fn begin(&self);
    /// One of them has ended: its callback is about to be called, or never will be. After the
    /// last one nothing is reported, and what was not delivered yet is dropped.
    fn end(&self);
}

/// See the module's documentation. The task has ended when this is dropped.
pub(crate) struct Owner(Arc<dyn Owned>);

impl Owner {
    pub(super) fn new(owned: Arc<dyn Owned>) -> Self {
        owned.begin();
        Self(owned)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.end();
    }
}
