//! [`TrySendError`]: why a message was not let in at once.

use std::fmt;

use crate::Cancelled;

/// What [`Messages::try_send`](crate::Messages::try_send) returns instead of blocking, with the
/// value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TrySendError<T> {
    /// As many wait as may.
    #[error("as many messages wait as may")]
    Full(T),
    /// Nobody receives it any more: the task has ended, or the context is gone.
    #[error("{}", Cancelled)]
    Cancelled(T),
}

impl<T> TrySendError<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Cancelled(value) => value,
        }
    }
}

impl<T> fmt::Debug for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Full(_) => "Full",
            Self::Cancelled(_) => "Cancelled",
        };
        f.debug_tuple(name).finish_non_exhaustive()
    }
}
