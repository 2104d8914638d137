//! [`Sets`]: what a task is to be in besides the first of its groups, until it is made.

use std::sync::Arc;

use glib::SendWeakRef;

use crate::node::{
    latest::Latest,
    member::{Membership, TaskSet},
    node::{Group, NodeRef},
};

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Sets {
    pub(super) list: Vec<Set>,
    /// Whether the task is the library's own, of which nobody is told.
    pub(super) is_own: bool,
}

/// Something that a task may be in.
pub(super) enum Set {
    Group(Arc<Group>),
    Latest(Arc<Latest>),
    /// An application that is held, and the group that tells until when: this task's alone.
    Hold(SendWeakRef<gio::Application>, Arc<Group>),
}

impl Sets {
    /// A task that the library makes for itself.
    pub(super) fn of_the_library() -> Self {
        Self {
            list: Vec::new(),
            is_own: true,
        }
    }

    pub(super) fn has_latest(&self) -> bool {
        self.list.iter().any(|set| matches!(set, Set::Latest(_)))
    }

    /// The task is about to be made; `first` is its first group.
    pub(super) fn membership(&self, first: Option<&Arc<Group>>) -> Membership {
        let others = self.list.iter().filter_map(|set| match set {
            Set::Group(group) => Some(group),
            _ => None,
        });
        let groups = first.into_iter().chain(others);
        let limits = groups.flat_map(|group| group.limits()).copied().collect();
        let sets = self.list.iter().map(|set| -> Arc<dyn TaskSet> {
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
        membership.join(|index, key| match &self.list[index] {
            Set::Group(group) | Set::Hold(_, group) => group.join(node, key),
            Set::Latest(latest) => latest.join(node, key),
        });
    }
}
