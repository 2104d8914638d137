//! [`GioTask`]: a task as GIO sees it, which is another one that ends as it does.
//!
//! The node of the task itself can't be that: it is for any thread, as a program in C may
//! complete it on any, and a `GTask` has a thread.

use std::cell::RefCell;

use glib::MainContext;

use super::{handle::Handle, host::HostError};
use crate::{
    Builder, Error, QioTask,
    context::current::is_dispatching_global,
    node::{backend::Task as Backend, context_ref::ContextRef, registry},
    observe,
};

/// See the module's documentation.
pub(super) type GioTask = QioTask<(), glib::Error>;

/// Whether there are any.
pub(super) const EXISTS: bool = Backend::HAS_ASYNC_RESULT;

thread_local! {
    /// Those of the tasks whose functions are being called here.
    static ENDING: RefCell<Vec<(Handle, gio::AsyncResult)>> = const { RefCell::new(Vec::new()) };
}

/// Makes one on a thread that has `context` for default.
pub(super) fn new_gio_task(
    builder: Builder,
    context: &MainContext,
    object: Option<glib::Object>,
) -> Option<GioTask> {
    let current = ContextRef::try_current().filter(|current| current.get() == context)?;
    // What is made here ends here: on a thread that passes by it never would.
    if !iterates_its_default() {
        return None;
    }
    // Else another thread may own it before the task is there.
    let _owner = current.get().acquire().ok()?;
    let task = match object {
        Some(object) => builder.source(&object).callback(|_, _| ()),
        None => builder.callback(|_| ()),
    };
    observe::hide(task.node().id());
    Some(task)
}

/// Whether this thread iterates its default context, as far as can be known: the
/// global one is the default of every thread that has none of its own.
pub(super) fn iterates_its_default() -> bool {
    // One that owns it for a moment, to wait for a task, does not iterate it.
    MainContext::thread_default().is_some() || is_dispatching_global() || registry::is_main()
}

/// That of a task whose function is being called here.
pub(super) fn ending_here(task: Handle) -> Option<gio::AsyncResult> {
    ENDING.with_borrow(|ending| {
        let (_, result) = ending.iter().find(|(of, _)| *of == task)?;
        Some(result.clone())
    })
}

/// That of a task which ends, and how it does.
pub(super) struct EndingGioTask(GioTask, Result<(), glib::Error>);

impl EndingGioTask {
    pub(super) fn new(task: GioTask, error: &HostError) -> Self {
        Self(task, error.describe())
    }

    /// Of a task that is freed: it fails, as nobody hears of it otherwise.
    pub(super) fn freed(task: GioTask, error: &HostError) -> Self {
        let closed = || Error::<glib::Error>::Abandoned.describe();
        Self(task, error.describe().and_then(|()| Err(closed())))
    }

    /// Completes it, and has it found on this thread while `f`, the function of `task`, is called.
    pub(super) fn complete(self, task: Handle, f: impl FnOnce()) {
        let Self(gio_task, outcome) = self;
        let result = gio_task.find_async_result().map(|result| (task, result));
        let is_found = result.is_some();
        ENDING.with_borrow_mut(|ending| ending.extend(result));
        gio_task.complete(outcome);
        f();
        if is_found {
            let result = ENDING.with_borrow_mut(Vec::pop);
            drop(result);
        }
    }
}
