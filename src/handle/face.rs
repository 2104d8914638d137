//! The task as GIO sees it: another one, which ends as it does.

use std::cell::RefCell;

use glib::MainContext;

use super::{
    Handle,
    task::{Checked, Task},
};
use crate::{
    Builder, Error, QioTask,
    capi::HostError,
    node::{backend::Task as Backend, held::Held, registry::Registry},
    observe,
};

pub(super) type Face = QioTask<(), glib::Error>;

thread_local! {
    /// Those of the tasks whose functions are being called here, with their numbers.
    static ENDING: RefCell<Vec<(usize, gio::AsyncResult)>> = const { RefCell::new(Vec::new()) };
}

impl Handle {
    /// The task as GIO sees it, on a thread that has its context for default.
    pub(crate) fn async_result(self) -> Checked<Option<gio::AsyncResult>> {
        let ending = ENDING.with_borrow(|ending| {
            let (_, result) = ending.iter().find(|(number, _)| *number == self.number())?;
            Some(result.clone())
        });
        if ending.is_some() {
            return Ok(ending);
        }
        if Backend::HAS_ASYNC_RESULT
            && let Some((builder, context, object)) =
                self.check_or(None, |task| Ok(task.for_face()))?
            && let Some(face) = make(builder, &context, object)
        {
            // Unlocked: to make a task may free what was sent here.
            let unwanted = self.check_or(None, |task| Ok(task.face.replace(face)))?;
            drop(unwanted);
        }
        self.check_or(None, |task| {
            Ok(task.face.as_ref().and_then(Face::find_async_result))
        })
    }
}

impl Task {
    /// What a face is made of, where there is none.
    fn for_face(&self) -> Option<(Builder, MainContext, Option<glib::Object>)> {
        let is_missing = self.face.is_none() && !self.is_ended;
        is_missing.then(|| {
            let context = self.context().clone();
            (self.builder(), context, self.source.object())
        })
    }
}

fn make(builder: Builder, context: &MainContext, object: Option<glib::Object>) -> Option<Face> {
    let held = Held::try_current().filter(|held| held.get() == context)?;
    // What is made here ends here: on a thread that passes by it never would.
    if !iterates_its_default() {
        return None;
    }
    // Else another thread may own it before the face is there.
    let _owner = held.get().acquire().ok()?;
    let face = match object {
        Some(object) => builder.source(&object).callback(|_, _| ()),
        None => builder.callback(|_| ()),
    };
    observe::hide(face.node().id());
    Some(face)
}

/// Whether this thread iterates its default context, as far as can be known: the
/// global one is the default of every thread that has none of its own.
fn iterates_its_default() -> bool {
    MainContext::thread_default().is_some()
        || MainContext::default().is_owner()
        || Registry::with(|registry| registry.is_main) == Some(true)
}

/// What is seen of a task whose function is about to be called.
pub(super) struct Ended(Face, Result<(), glib::Error>);

impl Ended {
    pub(super) fn new(face: Face, error: &HostError) -> Self {
        Self(face, error.describe())
    }

    /// Of a task that is freed: it fails, as nobody hears of it otherwise.
    pub(super) fn freed(face: Face, error: &HostError) -> Self {
        let closed = || Error::<glib::Error>::Abandoned.describe();
        Self(face, error.describe().and_then(|()| Err(closed())))
    }

    /// Shows it while `call` is called.
    pub(super) fn show(self, task: Handle, call: impl FnOnce()) {
        let Self(face, outcome) = self;
        let seen = face.find_async_result().map(|seen| (task.number(), seen));
        let is_seen = seen.is_some();
        ENDING.with_borrow_mut(|ending| ending.extend(seen));
        face.complete(outcome);
        call();
        if is_seen {
            let seen = ENDING.with_borrow_mut(Vec::pop);
            drop(seen);
        }
    }
}
