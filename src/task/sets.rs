//! [`Sets`]: what a task is to be in besides the first of its groups, until it is made.

use std::{
    sync::Arc,
    thread::{self, ThreadId},
};

use gio::prelude::*;
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
    Hold(Hold),
}

/// An application that is held.
pub(super) struct Hold {
    pub(super) application: SendWeakRef<gio::Application>,
    /// Its own.
    thread: ThreadId,
    /// It has this task alone, and tells when that is over.
    pub(super) group: Arc<Group>,
}

impl Hold {
    /// Of an application of this thread.
    pub(super) fn new(application: &gio::Application) -> Self {
        Self {
            application: application.downgrade().into(),
            thread: thread::current().id(),
            group: Group::new(),
        }
    }
}

impl Sets {
    /// A task that the library makes for itself.
    pub(super) fn of_the_library() -> Self {
        Self {
            list: Vec::new(),
            is_own: true,
        }
    }

    /// Adds a set, unless it is a `Latest` that is there: a task does not replace itself.
    pub(super) fn add(&mut self, set: Set) {
        let is_it = |other: &Set| match (other, &set) {
            (Set::Latest(other), Set::Latest(latest)) => Arc::ptr_eq(other, latest),
            _ => false,
        };
        if !self.list.iter().any(is_it) {
            self.list.push(set);
        }
    }

    /// Adds a group, unless one is there that is the same, or in it.
    pub(super) fn add_group(&mut self, group: Arc<Group>) {
        for set in &mut self.list {
            let Set::Group(other) = set else { continue };
            if other.is_within(&group) {
                return;
            }
            if group.is_within(other) {
                *other = group;
                return;
            }
        }
        self.list.push(Set::Group(group));
    }

    /// # Panics
    ///
    /// Panics where an application is to be held that is another thread's.
    #[track_caller]
    pub(super) fn refuse_another_thread(&self) {
        let here = thread::current().id();
        let is_elsewhere = |set: &Set| matches!(set, Set::Hold(hold) if hold.thread != here);
        assert!(
            !self.list.iter().any(is_elsewhere),
            "an application is held on its own thread: make the task there"
        );
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
                Set::Group(group) | Set::Hold(Hold { group, .. }) => group.clone(),
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
            Set::Group(group) | Set::Hold(Hold { group, .. }) => group.join(node, key),
            Set::Latest(latest) => latest.join(node, key),
        });
    }
}

#[cfg(feature = "capi")]
impl<T: 'static, E: 'static> super::task::QioTask<T, E> {
    /// Puts the task, which is in none, in `group`, after it was made and before it is ended.
    pub(crate) fn join_group(&self, group: Arc<Group>) {
        let (node, mut sets) = (self.node(), Sets::default());
        sets.add_group(group);
        node.join_later(sets.membership(None), || sets.join(node));
    }
}
