//! How a [`Completer`] ends its task: here and now, or through the loop.

use super::{held::Held, node::Completer};
use crate::{Error, context, observe::trace};

impl<T: 'static, E: 'static> Completer<T, E> {
    /// Ends the task here, where its callback runs. `context` is its own.
    #[inline]
    pub(crate) fn complete_here(self, context: Option<&Held>, result: Result<T, Error<E>>) {
        let node = self.node();
        let queue = &node.level.queue;
        let address = queue.context_address();
        let is_next = node.is_home() && !queue.has_progress();
        context::within(address, context.map(Held::get), || {
            let (this, result) = if is_next {
                // Straight to the callback, and by nothing that others may touch.
                match self.complete_alone(result) {
                    Ok(()) => return,
                    Err(back) => back,
                }
            } else {
                (self, result)
            };
            // Also where it was ended otherwise: then that is told here.
            let (node, _) = this.leave(result);
            node.deliver();
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
