//! What waits for a task to end: its callback, and what is undone with it.

use std::{
    mem,
    sync::{Arc, Mutex},
};

use glib::{SignalHandlerId, Source, prelude::*};

use crate::{
    Error, backend,
    control::Details,
    lock,
    state::{Interrupt, Verdict},
    table::Entry,
};

/// Where the completer leaves its result, on whichever thread it is. `Send`
/// where the result is, and so is everything that completes a task.
pub(crate) type Slot<T, E> = Mutex<Option<Result<T, Error<E>>>>;

/// A callback, with the source that it gets or without one.
pub(crate) trait Callback<T, E> {
    fn call(self, result: Result<T, Error<E>>);
    fn source(&self) -> Option<&glib::Object>;
}

/// The source is kept alive until the callback returns.
pub(crate) struct WithSource<S, F>(pub(crate) S, pub(crate) F);

impl<T, E, S, F> Callback<T, E> for WithSource<S, F>
where
    S: IsA<glib::Object>,
    F: FnOnce(&S, Result<T, Error<E>>),
{
    fn call(self, result: Result<T, Error<E>>) {
        let Self(source, callback) = self;
        callback(&source, result);
    }

    fn source(&self) -> Option<&glib::Object> {
        Some(self.0.upcast_ref())
    }
}

pub(crate) struct Bare<F>(pub(crate) F);

impl<T, E, F: FnOnce(Result<T, Error<E>>)> Callback<T, E> for Bare<F> {
    fn call(self, result: Result<T, Error<E>>) {
        (self.0)(result);
    }

    fn source(&self) -> Option<&glib::Object> {
        None
    }
}

/// What a task is about, borrowed from what waits for it.
#[derive(Clone, Copy, Default)]
#[allow(dead_code, reason = "one backend alone looks at it")]
pub(crate) struct About<'a> {
    pub(crate) source: Option<&'a glib::Object>,
    pub(crate) cancellable: Option<&'a gio::Cancellable>,
}

/// What is undone as the task ends. The cancellable is kept nowhere else: its
/// last reference is not for a worker to drop.
#[derive(Default)]
pub(crate) struct Ties {
    pub(crate) cancellable: Option<gio::Cancellable>,
    pub(crate) cancelled: Option<SignalHandlerId>,
    pub(crate) timer: Option<Source>,
    pub(crate) driver: Option<Source>,
}

impl Ties {
    /// The context is being finalized, and destroys its sources itself. One
    /// that is destroyed by somebody else meanwhile would be leaked.
    pub(crate) fn bury(&mut self) {
        self.timer = None;
        self.driver = None;
    }
}

impl Drop for Ties {
    fn drop(&mut self) {
        if let (Some(cancellable), Some(handler)) = (&self.cancellable, self.cancelled.take()) {
            // Not `g_cancellable_disconnect`, which waits for a handler that
            // is running, be it further up this stack.
            cancellable.disconnect(handler);
        }
        for source in [self.timer.take(), self.driver.take()]
            .into_iter()
            .flatten()
        {
            source.destroy();
        }
    }
}

/// A callback and the slot that its result comes from.
pub(crate) struct Waiting<C, T, E> {
    slot: Arc<Slot<T, E>>,
    parts: Option<(C, Ties)>,
}

impl<C: Callback<T, E> + 'static, T: 'static, E: 'static> Waiting<C, T, E> {
    pub(crate) fn new(slot: Arc<Slot<T, E>>, callback: C) -> Self {
        Self {
            slot,
            parts: Some((callback, Ties::default())),
        }
    }

    fn deliver(&mut self, verdict: Verdict, task: backend::Task, details: &Details) {
        let Some((callback, ties)) = self.parts.take() else {
            return;
        };
        drop(ties);
        let (result, unwanted) = match verdict {
            Verdict::Completed => (lock(&self.slot).take(), None),
            Verdict::Interrupted(why) => {
                let why = match why {
                    Interrupt::Cancelled => Error::Cancelled,
                    Interrupt::TimedOut => Error::TimedOut,
                };
                (Some(Err(why)), lock(&self.slot).take())
            }
        };
        drop(unwanted);
        let result = result.unwrap_or(Err(Error::Abandoned));
        task.finish(details, callback, result);
    }
}

impl<C, T, E> Drop for Waiting<C, T, E> {
    fn drop(&mut self) {
        // At home, where the result belongs; the completer may still hold the slot.
        let late = lock(&self.slot).take();
        drop(late);
    }
}

/// A callback that stays on the thread it was made on.
pub(crate) struct Local<C, T, E> {
    waiting: Waiting<C, T, E>,
    task: backend::Task,
}

impl<C, T, E> Local<C, T, E> {
    pub(crate) fn new(waiting: Waiting<C, T, E>) -> Self {
        Self {
            waiting,
            task: backend::Task::default(),
        }
    }
}

impl<C: Callback<T, E> + 'static, T: 'static, E: 'static> Entry for Local<C, T, E> {
    fn deliver(&mut self, verdict: Verdict, details: &Details) {
        let task = mem::take(&mut self.task);
        self.waiting.deliver(verdict, task, details);
    }

    fn source(&self) -> Option<glib::Object> {
        self.waiting.parts.as_ref()?.0.source().cloned()
    }

    fn async_result(&mut self, details: &Details) -> Option<gio::AsyncResult> {
        let (callback, ties) = self.waiting.parts.as_ref()?;
        let about = About {
            source: callback.source(),
            cancellable: ties.cancellable.as_ref(),
        };
        self.task.async_result(details, about)
    }

    fn ties(&mut self) -> Option<&mut Ties> {
        Some(&mut self.waiting.parts.as_mut()?.1)
    }
}

/// A callback that runs on whichever thread iterates its context. What the
/// backend makes of it is made there.
pub(crate) struct Anywhere<C, T, E>(pub(crate) Waiting<C, T, E>);

impl<C: Callback<T, E> + 'static, T: 'static, E: 'static> Entry for Anywhere<C, T, E> {
    fn deliver(&mut self, verdict: Verdict, details: &Details) {
        self.0.deliver(verdict, backend::Task::default(), details);
    }

    fn source(&self) -> Option<glib::Object> {
        None
    }

    fn async_result(&mut self, _: &Details) -> Option<gio::AsyncResult> {
        None
    }

    fn ties(&mut self) -> Option<&mut Ties> {
        Some(&mut self.0.parts.as_mut()?.1)
    }
}
