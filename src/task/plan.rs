//! [`Plan`]: what a task is to be, and how one is made of it.

use std::{
    convert::Infallible,
    panic::Location,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::MainContext;

use super::{
    future::{Promise, TaskFuture},
    sets::{Set, Sets},
    task::QioTask,
};
use crate::{
    Error,
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
    pub(super) cancellable: Option<gio::Cancellable>,
    pub(super) traits: Traits,
    pub(super) timeout: Option<Duration>,
    /// What few tasks have, once this is to be one of them.
    pub(super) extra: Option<Box<Extra>>,
    /// The first of its groups.
    pub(super) group: Option<Arc<Group>>,
    /// What else it is to be in.
    pub(super) sets: Option<Box<Sets>>,
    /// Whether it is the library's own, of which nobody is told.
    is_own: bool,
}

impl Plan {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            priority: glib::Priority::DEFAULT_IDLE,
            cancellable: None,
            traits: Traits::default(),
            timeout: None,
            extra: None,
            group: None,
            sets: None,
            is_own: false,
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn make_local<T: 'static, E: 'static>(
        mut self,
        callback: impl Callback<T, E> + 'static,
    ) -> QioTask<T, E> {
        fork::refuse_child();
        let context = ContextRef::current();
        let level = registry::level(context.get(), self.priority);
        let completer = registry::keep(Completer::at_home(self.parts(level), callback));
        self.made(completer.node(), context.get());
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
        mut self,
        context: &MainContext,
        callback: impl Callback<T, E> + Send + 'static,
    ) -> QioTask<T, E> {
        fork::refuse_child();
        let level = levels::level_of_any(context, self.priority);
        let completer = registry::keep(Completer::anywhere(self.parts(level), callback));
        self.made(completer.node(), context);
        QioTask::from_parts(completer, ContextRef::anywhere(context.clone()))
    }

    pub(super) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.extra.as_ref()?.name.as_deref()
    }

    #[inline]
    #[track_caller]
    fn parts(&mut self, level: Arc<Level>) -> Parts<'_> {
        if let Some(sets) = &self.sets {
            let membership = Box::new(sets.membership(self.group.as_ref()));
            if sets.has_latest() {
                // The one that takes its place is told of nothing of it but a cancellation, at once.
                self.traits = Traits::default();
            }
            self.extra().membership = OnceLock::from(membership);
        }
        if self.cancellable.is_some() || self.timeout.is_some() {
            let deadline = self.timeout.map(|timeout| Instant::now() + timeout);
            self.extra().deadline = deadline;
        }
        let mut extra = self.extra.take();
        if let Some(extra) = &mut extra {
            extra.is_foreign = self.cancellable.is_some() || !extra.to_own.is_empty();
            extra.own();
        }
        Parts {
            level,
            group: self.group.take(),
            extra,
            cancellable: self.cancellable.as_ref(),
            place: Location::caller(),
            traits: self.traits,
        }
    }

    /// The task is made: tells those who look, and lets its cancellable and timeout end it.
    #[inline]
    fn made(&mut self, node: &NodeRef, context: &MainContext) {
        if let Some(group) = &node.group {
            group.join(node, &node.key);
        }
        if let Some(sets) = self.sets.take() {
            sets.join(node);
            sets.0.into_iter().for_each(hold);
        }
        if observe::is_wanted() && !self.is_own {
            tell_of(node, context);
        }
        if self.cancellable.is_some() || self.timeout.is_some() {
            self.attach(node, context);
        }
    }

    #[cold]
    fn attach(&mut self, node: &NodeRef, context: &MainContext) {
        let mut attached = Attached::default();
        if let Some(cancellable) = self.cancellable.take() {
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
        // Another thread may have run the callback by now: then they are undone here.
        let mut attached = Some(attached);
        node.with_attached(|place| {
            if let Some(attached) = attached.take() {
                place.attach(attached);
            }
        });
    }
}

/// Holds an application until a task is over that was just made.
#[cold]
fn hold(set: Set) {
    let Set::Hold(application, group) = set else {
        return;
    };
    // Else it is gone already.
    let Some(application) = application.upgrade() else {
        return;
    };
    let hold = application.hold();
    let mut plan = Plan::new();
    plan.is_own = true;
    let mut task = plan.make_local(Bare(|_: Result<(), Error<Infallible>>| drop(hold)));
    drop(task.release_context());
    group.wait_with(Box::new(|_| task.complete_in_idle(Ok(()))));
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
