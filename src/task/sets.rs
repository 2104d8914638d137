//! [`Sets`]: what a task is to be in, until it is made.

use std::sync::Arc;

use glib::SendWeakRef;

use crate::node::{
    group::Group,
    latest::Latest,
    member::{Membership, TaskSet},
    node::NodeRef,
};

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Sets(pub(super) Vec<Set>);

/// Something that a task may be in.
pub(super) enum Set {
    Group(Arc<Group>),
    Latest(Arc<Latest>),
    /// An application that is held, and the group that tells until when: this task's alone.
    Hold(SendWeakRef<gio::Application>, Arc<Group>),
}

impl Sets {
    pub(super) fn has_latest(&self) -> bool {
        self.0.iter().any(|set| matches!(set, Set::Latest(_)))
    }

    /// The task is about to be made.
    pub(super) fn membership(&self) -> Membership {
        let limits = self.0.iter().filter_map(|set| match set {
            Set::Group(group) => Some(group.limits()),
            _ => None,
        });
        let limits = limits.flatten().collect();
        let sets = self.0.iter().map(|set| -> Arc<dyn TaskSet> {
            match set {
                Set::Group(group) | Set::Hold(_, group) => group.clone(),
                Set::Latest(latest) => latest.clone(),
            }
        });
        Membership::new(sets, limits)
    }

    /// The task is made, and joins them.
    pub(super) fn join(&self, node: &NodeRef) {
        let Some(membership) = node.membership() else {
            return;
        };
        membership.join(|index, key| match &self.0[index] {
            Set::Group(group) | Set::Hold(_, group) => group.join(node, key),
            Set::Latest(latest) => latest.join(node, key),
        });
    }
}

#[cfg(feature = "capi")]
impl<T: 'static, E: 'static> super::task::QioTask<T, E> {
    /// Puts the task, which is in none, in `group`, after it was made and before it is ended.
    pub(crate) fn join_group(&self, group: Arc<Group>) {
        let (node, sets) = (self.node(), Sets(vec![Set::Group(group)]));
        node.join_later(sets.membership(), || sets.join(node));
    }
}
