//! [`PerContext`]: what there is one of for each context.

use std::sync::Mutex;

use super::{channels::Channels, iterated::IteratedBy, reports::Reports, tasks::Tasks};

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct PerContext {
    /// The tasks whose callbacks any thread may run.
    pub(super) tasks: Mutex<Tasks>,
    pub(crate) reports: Reports,
    pub(crate) channels: Channels,
    pub(super) iterated: IteratedBy,
}
