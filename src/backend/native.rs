//! The backend that needs nothing: the task is the callback that waits for it.

use crate::{Error, control::Details};

pub(crate) struct Task;

impl Task {
    pub(crate) fn new(_: &Details, _: Option<&glib::Object>) -> Self {
        Self
    }

    #[allow(
        dead_code,
        clippy::unused_self,
        reason = "the other backend's task has one"
    )]
    pub(crate) fn async_result(&self) -> Option<gio::AsyncResult> {
        None
    }

    #[expect(clippy::unused_self, reason = "the other backend's task is used up")]
    pub(crate) fn finish<T, E>(
        self,
        result: Result<T, Error<E>>,
        callback: impl FnOnce(Result<T, Error<E>>),
    ) {
        callback(result);
    }
}
