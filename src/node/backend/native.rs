//! The backend that needs nothing: the task is the callback that waits for it.

use crate::{
    Error,
    node::callback::{About, Callback, Details},
};

#[derive(Default)]
pub(crate) struct Task(());

impl Task {
    #[allow(dead_code, reason = "the C API alone asks")]
    pub(crate) const HAS_ASYNC_RESULT: bool = false;

    #[inline]
    pub(crate) fn new(_: Details<'_>, _: About<'_>) -> Self {
        Self(())
    }

    #[expect(clippy::unused_self, reason = "the other backend's task is used up")]
    pub(crate) fn drop_uncalled(self) {}

    #[allow(dead_code, reason = "only the other backend is asked for it")]
    #[expect(clippy::unused_self, clippy::needless_pass_by_ref_mut)]
    pub(crate) fn async_result(
        &mut self,
        _: Details<'_>,
        _: About<'_>,
    ) -> Option<gio::AsyncResult> {
        None
    }

    #[inline]
    pub(crate) fn at_end(self, _: Details<'_>) -> Self {
        self
    }

    #[inline]
    #[expect(clippy::unused_self, reason = "the other backend's task is used up")]
    pub(crate) fn finish<T, E>(self, callback: impl Callback<T, E>, result: Result<T, Error<E>>) {
        callback.call(result);
    }
}
