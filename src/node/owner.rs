//! [`Owner`]: a task, to what belongs to it until it has ended.

use std::sync::Arc;

use super::inactivity::Inactivity;

/// What belongs to tasks, as the reports of a [`Progress`](crate::Progress) may.
pub(crate) trait Owned: Send + Sync {
    /// It belongs to one more task, for which it is a sign of life, if that looks for some.
    fn begin(&self, life: Option<&Arc<Inactivity>>);
    /// One of them has ended: its callback is about to be called, or never will be. After the
    /// last one nothing is reported, and what was not delivered yet is dropped.
    fn end(&self, life: Option<&Arc<Inactivity>>);
}

/// See the module's documentation. The task has ended when this is dropped.
pub(crate) struct Owner {
    owned: Arc<dyn Owned>,
    life: Option<Arc<Inactivity>>,
}

impl Owner {
    pub(super) fn new(owned: Arc<dyn Owned>, life: Option<Arc<Inactivity>>) -> Self {
        owned.begin(life.as_ref());
        Self { owned, life }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.owned.end(self.life.as_ref());
    }
}
