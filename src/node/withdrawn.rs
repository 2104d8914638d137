//! Tasks whose callback never will be called: [`Withdrawn`] with their context,
//! [`Orphan`]ed by their thread.

use super::{
    events::Event,
    extra::{Attached, Extra},
    node::{NodeRef, Uncalled},
    owner::Owner,
};
use crate::base::G_LOG_DOMAIN;

/// A task whose callback is dropped, uncalled, with this: at home, and where foreign code
/// may run.
pub(crate) struct Withdrawn {
    uncalled: Uncalled,
    attached: Option<Attached>,
}

impl Withdrawn {
    /// Withdraws the callback of a task, unless it was taken.
    pub(super) fn new(node: &NodeRef) -> Option<Self> {
        let uncalled = node.withdraw_callback()?;
        let mut attached = node.extra().and_then(Extra::take_attached);
        if let Some(attached) = &mut attached {
            attached.forget_driver();
        }
        Some(Self { uncalled, attached })
    }
}

impl Drop for Withdrawn {
    fn drop(&mut self) {
        /// Leaves its groups also as a destructor unwinds, which is foreign code.
        struct Leave(NodeRef);
        impl Drop for Leave {
            fn drop(&mut self) {
                self.0.leave_if_over();
            }
        }

        let _leave = Leave(self.uncalled.node().clone());
        self.uncalled.node().tell(Event::Dropped);
        self.uncalled.node().cancel_worker();
        self.uncalled.drop_worker();
        drop(self.attached.take());
        self.uncalled.drop_callback();
    }
}

/// A task whose thread has ended: its callback is leaked, as is the result that waits for it.
///
/// Its worker is told as this is dropped, on another thread: what it has captured, and what
/// others have connected to its cancellable, may need more than is left of that one.
pub(crate) struct Orphan {
    uncalled: Uncalled,
    /// What is reported for the task is foreign, too.
    _owners: Vec<Owner>,
}

impl Orphan {
    /// `None` when the callback was taken. Called at home.
    pub(super) fn new(node: &NodeRef) -> Option<Self> {
        let uncalled = node.withdraw_callback()?;
        let attached = node.extra().and_then(Extra::take_attached);
        Some(Self {
            uncalled,
            _owners: attached.map_or_else(Vec::new, Attached::leak),
        })
    }

    /// Wakes who waits for the callback elsewhere, which is foreign code. Called at home.
    pub(super) fn abandon(&self) {
        self.uncalled.tell_leaked_callback();
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        self.uncalled.node().cancel_worker();
        self.uncalled.drop_worker();
        self.uncalled.node().leave_if_over();
    }
}

/// Tells of these tasks, whose thread has ended, who watches tasks.
pub(super) fn tell_of(orphans: &[Orphan]) {
    for orphan in orphans {
        orphan.uncalled.node().tell(Event::Dropped);
    }
}

/// Warns of them.
pub(super) fn warn_of(orphans: &[Orphan]) {
    glib::g_warning!(
        G_LOG_DOMAIN,
        "a thread ended while {} callback(s) waited on it; they are leaked",
        orphans.len()
    );
}
