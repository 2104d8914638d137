//! How a [`Completer`] ends its task: here and now, or through the loop.

use super::{held::Held, node::Completer};
use crate::{Error, context, observe::trace};

impl<T: 'static, E: 'static> Completer<T, E> {
    /// Ends the task here, where its callback runs. `context` is its own.
    #[inline]
    pub(crate) fn complete_here(self, context: &Held, result: Result<T, Error<E>>) {
        let node = self.node();
        let queue = &node.level.queue;
        let address = queue.context_address();
        let is_next = node.is_home() && !queue.has_progress();
        let mut this = self;
        if is_next && context::is_thread_default(address) {
            // Straight to the callback, and by nothing that others may touch.
            match this.into_alone() {
                Ok(alone) => return alone.complete(result),
                Err(shared) => this = shared,
            }
        }
        context::within(address, Some(context.get()), || {
            // Also where it was ended otherwise: then that is told here.
            this.leave(result).0.deliver();
        });
    }

    /// Ends the task through the loop.
    pub(crate) fn complete_in_idle(self, result: Result<T, Error<E>>) {
        let node = self.node();
        trace!(
            "qio_task_complete",
            node.id(),
            node.name(),
            failed = result.is_err()
        );
        let (node, is_wanted) = self.leave(result);
        if is_wanted {
            node.send();
        }
    }
}
