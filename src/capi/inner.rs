//! [`Inner`]: the task of the library that decides how one of C's ends.

use std::time::Instant;

use glib::{MainContext, Priority};

use crate::{Builder, Error, QioTask, node::node::NodeRef, observe};

/// In success and in failure it carries the reference of its completer, an `R`, to where it
/// ends, if its completer has one.
pub(super) type Inner<R> = QioTask<Option<R>, Option<R>>;

/// What the callback of an [`Inner`] gets.
pub(super) type InnerResult<R> = Result<Option<R>, Error<Option<R>>>;

/// The priority of a task that is given none.
pub(super) const DEFAULT_PRIORITY: Priority = Priority::DEFAULT_IDLE;

/// Makes one that ends on `context`.
pub(super) fn new_inner<R: Send + 'static>(
    builder: Builder,
    context: &MainContext,
    callback: impl FnOnce(InnerResult<R>) + Send + 'static,
) -> Inner<R> {
    let mut inner = builder.callback_on(context, callback);
    observe::made_in_c(inner.node().id());
    // The task of C holds the context itself, and lets go of it in its turn.
    drop(inner.release_context());
    inner
}

/// A builder of another task as this one, apart from its cancellable.
pub(super) fn builder_like(node: &NodeRef) -> Builder {
    let builder = named_builder(Some(node)).return_on_cancel(!node.state.returns_first());
    match node.deadline() {
        Some(deadline) => builder.timeout(deadline.saturating_duration_since(Instant::now())),
        None => builder,
    }
}

/// A builder of another task of this one's name and priority.
pub(super) fn named_builder(node: Option<&NodeRef>) -> Builder {
    let builder = QioTask::builder().priority(priority(node));
    match node.and_then(|node| node.name()) {
        Some(name) => builder.name(name),
        None => builder,
    }
}

/// The priority of a task that has this node, or none.
pub(super) fn priority(node: Option<&NodeRef>) -> Priority {
    node.map_or(DEFAULT_PRIORITY, |node| node.level.priority())
}

/// Has a source of `context` call `f`, in order with the tasks that end there.
pub(super) fn call_in_idle(
    context: &MainContext,
    priority: Priority,
    f: impl FnOnce() + Send + 'static,
) {
    let task = QioTask::builder()
        .priority(priority)
        .callback_on(context, |_: Result<(), Error>| f());
    // It is no task of the program's.
    observe::hide(task.node().id());
    task.complete_in_idle(Ok(()));
}
