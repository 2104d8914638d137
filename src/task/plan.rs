//! [`Plan`]: what a task is to be, and how one is made of it.

use std::{
    panic::Location,
    sync::{Arc, OnceLock},
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;

use super::{
    future::{Promise, TaskFuture},
    sets::{Hold, Set, Sets},
    task::QioTask,
};
use crate::{
    GroupError,
    base::{
        fork,
        state::{Interrupt, Traits},
    },
    node::{
        callback::{Bare, Callback},
        completer::{Completer, Parts},
        context_ref::ContextRef,
        extra::{Attached, Extra},
        item::Timed,
        levels,
        node::{Group, Level, NodeRef},
        registry,
    },
    observe,
};

/// See the module's documentation.
pub(super) struct Plan {
    pub(super) priority: glib::Priority,
    pub(super) traits: Traits,
    /// The first of its groups.
    pub(super) group: Option<Arc<Group>>,
    /// What few tasks have, once this is to be one of them.
    pub(super) extra: Option<Box<Extra>>,
    /// What else it is to be in, likewise.
    pub(super) sets: Option<Box<Sets>>,
}

impl Plan {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            priority: glib::Priority::DEFAULT_IDLE,
            traits: Traits::default(),
            group: None,
            extra: None,
            sets: None,
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn make_local<T: 'static, E: 'static>(
        self,
        callback: impl Callback<T, E> + 'static,
    ) -> QioTask<T, E> {
        fork::refuse_child();
        let context = ContextRef::current();
        let level = registry::level(context.get(), self.priority);
        let (parts, sets) = self.split(level);
        let completer = registry::keep(Completer::at_home(parts, callback));
        made(completer.node(), context.get(), sets);
        QioTask::from_parts(completer, context)
    }

    #[track_caller]
    pub(super) fn make_future<T: 'static, E: 'static>(
        self,
        source: Option<glib::Object>,
    ) -> (QioTask<T, E>, TaskFuture<T, E>) {
        let promise = Promise::new(source);
        let shared = promise.shared();
        let task = self.make_local(promise);
        let future = TaskFuture::new(task.node().clone(), shared);
        (task, future)
    }

    #[track_caller]
    pub(super) fn make_anywhere<T: Send + 'static, E: Send + 'static>(
        self,
        context: &MainContext,
        callback: impl Callback<T, E> + Send + 'static,
    ) -> QioTask<T, E> {
        fork::refuse_child();
        let level = levels::level_of_any(context, self.priority);
        let (parts, sets) = self.split(level);
        let completer = registry::keep(Completer::anywhere(parts, callback));
        made(completer.node(), context, sets);
        QioTask::from_parts(completer, ContextRef::anywhere(context.clone()))
    }

    /// Makes a task that `group` completes, as it has no member any more.
    #[track_caller]
    pub(super) fn call_at_end_of(
        self,
        group: &Group,
        callback: impl Callback<(), GroupError> + 'static,
    ) {
        let mut task = self.make_local(callback);
        // The group is no reason for the context to live.
        drop(task.release_context());
        group.wait_with(Box::new(|ended| task.complete_in_idle(ended)));
    }

    /// Puts the task in `group`, unless it is in it already, be it by a group that is in that.
    pub(super) fn add_group(&mut self, group: Arc<Group>) {
        let Some(first) = &mut self.group else {
            self.group = Some(group);
            return;
        };
        if first.is_within(&group) {
            return;
        }
        if group.is_within(first) {
            *first = group;
        } else {
            self.sets.get_or_insert_default().add_group(group);
        }
    }

    pub(super) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.extra.as_ref()?.name.as_deref()
    }

    /// How long it may take, if it may not take any time.
    pub(super) fn timeout(&self) -> Option<Duration> {
        self.extra.as_ref()?.timeout
    }

    /// What the task is made of, and what it is to be in.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "what a task is made of is not moved twice"
    )]
    #[track_caller]
    fn split(mut self, level: Arc<Level>) -> (Parts, Option<Box<Sets>>) {
        if self.sets.is_some() {
            self.begin_membership();
        }
        if let Some(extra) = &mut self.extra {
            extra.begin(self.priority);
        }
        let parts = Parts {
            level,
            group: self.group,
            extra: self.extra,
            place: Location::caller(),
            traits: self.traits,
        };
        (parts, self.sets)
    }

    #[cold]
    #[track_caller]
    fn begin_membership(&mut self) {
        let Some(sets) = &self.sets else { return };
        sets.refuse_another_thread();
        if sets.has_latest() {
            // The one that takes its place is told of nothing of it but a cancellation, at once.
            self.traits = Traits::default();
        }
        let membership = sets.membership(self.group.as_ref());
        self.extra().membership = OnceLock::from(Box::new(membership));
    }
}

/// The task is made: it joins its groups, those who look are told, and its cancellable and its
/// timeout may end it.
#[inline(always)]
#[expect(clippy::inline_always, reason = "most are looked at, and that is all")]
fn made(node: &NodeRef, context: &MainContext, sets: Option<Box<Sets>>) {
    if let Some(group) = &node.group {
        group.join(node, &node.key);
    }
    if let Some(sets) = sets {
        join(node, context, *sets);
    } else if observe::is_wanted() {
        tell_of(node, context);
    }
    if let Some(extra) = node.extra()
        && (extra.is_foreign || extra.deadline.is_some())
    {
        attach(node, context);
    }
}

#[cold]
fn join(node: &NodeRef, context: &MainContext, sets: Sets) {
    sets.join(node);
    if observe::is_wanted() && !sets.is_own {
        tell_of(node, context);
    }
    sets.list.into_iter().for_each(hold);
}

/// Lets its cancellable and its timeout end a task, if it has any.
#[cold]
fn attach(node: &NodeRef, context: &MainContext) {
    let mut attached = Attached::default();
    if let Some(cancellable) = node.cancellable() {
        let handler = cancellable.connect("cancelled", false, {
            let node = node.clone();
            move |_| {
                node.interrupt(Interrupt::Cancelled);
                None
            }
        });
        // Cancelled before the handler was there, or as it was put there.
        if cancellable.is_cancelled() {
            node.interrupt(Interrupt::Cancelled);
        }
        attached.cancelled = Some(handler);
        attached.cancellable = Some(cancellable);
    }
    if let Some(deadline) = node.deadline() {
        let queue = &node.level.queue;
        let end = Timed::Task(node.clone());
        let timer = queue.add_timer(deadline, end, || context.is_owner());
        attached.timer = Some(timer);
    }
    if attached.cancelled.is_none() && attached.timer.is_none() {
        return;
    }
    // Another thread may have run the callback by now: then they are undone here.
    let mut attached = Some(attached);
    node.with_attached(|place| {
        if let Some(attached) = attached.take() {
            place.attach(attached);
        }
    });
}

/// Holds an application until a task is over that was just made.
#[cold]
fn hold(set: Set) {
    let Set::Hold(Hold {
        application, group, ..
    }) = set
    else {
        return;
    };
    // Else it is gone already.
    let Some(application) = application.upgrade() else {
        return;
    };
    let hold = application.hold();
    let mut plan = Plan::new();
    plan.sets = Some(Box::new(Sets::of_the_library()));
    plan.call_at_end_of(&group, Bare(|_: Result<(), _>| drop(hold)));
}

/// Tells those who look of a new task.
#[cold]
fn tell_of(node: &NodeRef, context: &MainContext) {
    observe::made(&observe::New {
        id: node.id(),
        name: node.name(),
        location: node.place,
        context,
        source_type: node.source().map(|source| source.type_()),
        priority: node.level.priority(),
        group: node.group.as_ref().map(|group| group.label().get()),
    });
}
