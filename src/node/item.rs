//! [`Item`]: something to be done on the thread of a context; [`Timed`]: at a certain time.
//!
//! They are generic only so that this file need not know the node, which knows this.

use std::{panic::Location, sync::Arc};

use super::{channels::Channel, home::Home};

/// See the module's documentation. `N` is a reference on a node.
#[derive(Clone)]
pub(crate) enum Item<N> {
    /// A task has been decided.
    Task(N, PassedOver),
    /// There is a value to report, which was noted by this number: on that thread, or on
    /// whichever iterates the context.
    Report {
        home: Option<Home>,
        /// Where its `Progress` was made.
        place: Option<&'static Location<'static>>,
        number: u64,
        passed_over: PassedOver,
    },
    /// Messages wait.
    Messages(Arc<dyn Channel>, PassedOver),
    /// A `Progress` was dropped, or messages.
    Release { home: Home, index: usize },
}

/// How often another thread than its own, which iterates the context, has found something.
#[derive(Clone, Copy, Default)]
pub(crate) struct PassedOver(u8);

/// As it has been found so often, something is told of. A thread looks again after 10
/// milliseconds, and then 20: who is about to wait for a task, or to take the loop over, has
/// done so by then.
const OFTEN: u8 = 3;

impl PassedOver {
    /// Counts once more. Says whether it is to be told of now, which is so once.
    pub(crate) fn count(&mut self) -> bool {
        self.0 = self.0.saturating_add(1);
        self.0 == OFTEN
    }
}

/// What is done at a certain time.
pub(crate) enum Timed<N> {
    /// This task is over time.
    Task(N),
    /// The worker of this task is to have shown a sign of life.
    Inactive(N),
    /// What was noted by this number may be reported.
    Report(u64),
}
