//! Where a thread has no mask of signals.

/// There is none.
#[derive(Clone, Copy)]
pub(crate) struct Mask;

impl Mask {
    pub(crate) fn of_the_librarys_threads() -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as the one that does something")]
    pub(crate) fn set(self) {}
}

/// Calls `start`, which starts a thread.
pub(crate) fn blocked<R>(start: impl FnOnce() -> R) -> R {
    start()
}
