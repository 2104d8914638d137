//! [`Item`]: something to be done on the thread of a context.
//!
//! It is generic only so that this file need not know the node, which knows this.

use super::home::Home;

/// See the module's documentation. `N` is a reference on a node.
pub(crate) enum Item<N> {
    /// A task has been decided.
    Task(N),
    /// There is a value of a `Progress` of that thread.
    Progress { home: Home },
    /// A `Progress` was dropped.
    Release { home: Home, index: usize },
}
