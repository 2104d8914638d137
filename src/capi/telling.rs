//! [`Telling`]: which thread calls a function that is told of something again and again.

use crate::node::home::{self, Home};

/// See the module's documentation. It says how often, too: the thread may iterate the context
/// meanwhile, or wait for the task.
#[derive(Default)]
pub(super) struct Telling(Option<(Home, usize)>);

impl Telling {
    /// Whether another thread tells something.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.0.is_some_and(|(thread, _)| thread != home::here())
    }

    /// This thread begins to tell something. No other one does.
    pub(super) fn begin(&mut self) {
        let depth = self.0.map_or(0, |(_, depth)| depth);
        self.0 = Some((home::here(), depth + 1));
    }

    /// This thread has told it.
    pub(super) fn end(&mut self) {
        if let Some((thread, depth)) = self.0
            && thread == home::here()
        {
            self.0 = (depth > 1).then_some((thread, depth - 1));
        }
    }

    /// This thread, if it tells anything, is not to be waited for any more.
    pub(super) fn leave(&mut self) {
        self.0 = self.0.filter(|(thread, _)| *thread != home::here());
    }
}
