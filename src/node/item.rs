//! [`Item`]: something to be done on the thread of a context; [`Timed`]: at a certain time.
//!
//! They are generic only so that this file need not know the node, which knows this.

use super::home::Home;

/// See the module's documentation. `N` is a reference on a node.
pub(crate) enum Item<N> {
    /// A task has been decided.
    Task(N),
    /// There is a value to report, which was noted by this number: on that thread, or on
    /// whichever iterates the context.
    Report { home: Option<Home>, number: u64 },
    /// A `Progress` was dropped.
    Release { home: Home, index: usize },
}

/// What is done at a certain time.
pub(crate) enum Timed<N> {
    /// This task is over time.
    Task(N),
    /// What was noted by this number may be reported.
    Report(u64),
}
