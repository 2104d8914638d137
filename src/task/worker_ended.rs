//! [`WorkerEnded`]: when a worker has really stopped, to be awaited.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_core::FusedFuture;

use crate::{
    base::{fork, wake_slot::WakeSlot},
    node::{node::NodeRef, runner::waits::Wait},
};

/// When a task's worker has returned, or never will run, to be awaited:
/// [`Running::worker_ended`](crate::Running::worker_ended).
///
/// Any thread may await it. It needs no loop, and nobody who iterates the task's context. To drop
/// it does nothing to the task.
#[must_use = "a future does nothing unless it is awaited"]
pub struct WorkerEnded {
    node: NodeRef,
    has_ended: bool,
    slot: Arc<WakeSlot>,
    /// Who has polled it, if that is a worker.
    wait: Wait,
}

impl WorkerEnded {
    pub(crate) fn new(node: NodeRef) -> Self {
        Self {
            node,
            has_ended: false,
            slot: Arc::new(WakeSlot::new()),
            wait: Wait::default(),
        }
    }
}

impl Future for WorkerEnded {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        fork::refuse_child();
        let poll = self.node.poll_worker_end(&self.slot, cx.waker());
        if poll.is_ready() {
            self.has_ended = true;
            self.wait.end();
        } else {
            self.wait.begin();
        }
        poll
    }
}

/// So that `select!` takes it as it is.
impl FusedFuture for WorkerEnded {
    fn is_terminated(&self) -> bool {
        self.has_ended
    }
}

impl Drop for WorkerEnded {
    fn drop(&mut self) {
        if !fork::is_child() {
            self.slot.set(None);
            self.wait.end();
        }
    }
}

impl fmt::Debug for WorkerEnded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerEnded")
            .field("name", &self.node.name())
            .field("has_ended", &self.has_ended)
            .finish_non_exhaustive()
    }
}
