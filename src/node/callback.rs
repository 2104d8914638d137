//! [`Callback`]: what a task calls as it ends, and how it is called.

use glib::{Priority, prelude::*};

use crate::Error;

/// A callback, with the source that it gets or without one.
pub(crate) trait Callback<T, E> {
    fn call(self, result: Result<T, Error<E>>);
    fn source(&self) -> Option<&glib::Object>;
    /// Its thread ends, and it is leaked: tells who waits for it elsewhere.
    fn tell_leaked(&self) {}
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

/// What is told of a task as its callback is called.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "one backend alone looks at it")]
pub(crate) struct Details<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) priority: Priority,
}
