//! What waits for a task to end: its callback, and what is undone with it.

use std::marker::PhantomData;

use glib::{SignalHandlerId, Source, prelude::*};

use crate::{
    Error,
    arrival::Arrival,
    backend,
    control::Details,
    delivery::Timer,
    observe,
    table::{Entry, LocalEntry},
};

/// A callback, with the source that it gets or without one.
pub(crate) trait Callback<T, E> {
    fn call(self, result: Result<T, Error<E>>);
    fn source(&self) -> Option<&glib::Object>;
    /// Its thread ends, and it is leaked: tells who waits for it elsewhere.
    fn abandon(&self) {}
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
    pub(crate) timer: Option<Timer>,
    pub(crate) driver: Option<Source>,
}

impl Ties {
    /// The context is being finalized, and destroys its sources itself. One
    /// that is destroyed by somebody else meanwhile would be leaked.
    pub(crate) fn bury(&mut self) {
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
        if let Some(driver) = self.driver.take() {
            driver.destroy();
        }
    }
}

/// A callback of a task with these types, and what is undone before it is called.
pub(crate) struct Waiting<C, T, E> {
    callback: C,
    /// Most tasks have none.
    ties: Option<Box<Ties>>,
    types: PhantomData<fn(T, E)>,
}

impl<C: Callback<T, E> + 'static, T: 'static, E: 'static> Waiting<C, T, E> {
    pub(crate) fn new(callback: C) -> Self {
        Self {
            callback,
            ties: None,
            types: PhantomData,
        }
    }

    fn bury(&mut self) {
        if let Some(ties) = &mut self.ties {
            ties.bury();
        }
    }

    fn deliver(self, arrival: Arrival<'_>, task: backend::Task, details: Details<'_>) {
        let Self { callback, ties, .. } = self;
        drop(ties);
        if observe::is_any_known() {
            finish_seen(task, details, callback, arrival);
        } else {
            task.finish(details, callback, arrival.into_result());
        }
    }
}

/// Calls the callback of a task while somebody looks at some. Apart, so that it
/// costs nothing where nobody does.
#[cold]
fn finish_seen<T: 'static, E: 'static>(
    task: backend::Task,
    details: Details<'_>,
    callback: impl Callback<T, E> + 'static,
    arrival: Arrival<'_>,
) {
    let result = arrival.into_result();
    let busy = observe::delivering(details.ticket, &result);
    task.finish(details, callback, result);
    drop(busy);
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
    fn deliver(self: Box<Self>, arrival: Arrival<'_>, details: Details<'_>) {
        let Self { waiting, task } = *self;
        waiting.deliver(arrival, task, details);
    }

    fn ties(&mut self) -> &mut Ties {
        self.waiting.ties.get_or_insert_default()
    }

    fn bury(&mut self) {
        self.waiting.bury();
    }
}

impl<C: Callback<T, E> + 'static, T: 'static, E: 'static> LocalEntry for Local<C, T, E> {
    fn source(&self) -> Option<glib::Object> {
        self.waiting.callback.source().cloned()
    }

    fn abandon(&self) {
        self.waiting.callback.abandon();
    }

    fn async_result(&mut self, details: Details<'_>) -> Option<gio::AsyncResult> {
        let about = About {
            source: self.waiting.callback.source(),
            cancellable: self
                .waiting
                .ties
                .as_ref()
                .and_then(|ties| ties.cancellable.as_ref()),
        };
        self.task.async_result(details, about)
    }
}

/// A callback that runs on whichever thread iterates its context. What the
/// backend makes of it is made there.
pub(crate) struct Anywhere<C, T, E>(pub(crate) Waiting<C, T, E>);

impl<C: Callback<T, E> + 'static, T: 'static, E: 'static> Entry for Anywhere<C, T, E> {
    fn deliver(self: Box<Self>, arrival: Arrival<'_>, details: Details<'_>) {
        self.0.deliver(arrival, backend::Task::default(), details);
    }

    fn ties(&mut self) -> &mut Ties {
        self.0.ties.get_or_insert_default()
    }

    fn bury(&mut self) {
        self.0.bury();
    }
}
