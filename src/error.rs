//! How a task fails: [`Error`], and [`Cancelled`] for use inside workers.

use std::{any::Any, convert::Infallible, error, io};

use crate::base::quietly::quietly;

/// The ways in which a task ends without a value.
///
/// `E` is what the operation itself reports. It converts into [`glib::Error`]
/// when `E` does, keeping domain and code, so `?` works in functions that
/// return one:
///
/// ```
/// use qio_task::Error;
///
/// let own = glib::Error::new(gio::IOErrorEnum::NotFound, "no such host");
/// let error = glib::Error::from(Error::Failed(own));
/// assert!(error.matches(gio::IOErrorEnum::NotFound));
///
/// let error = glib::Error::from(Error::<glib::Error>::TimedOut);
/// assert!(error.matches(gio::IOErrorEnum::TimedOut));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E = glib::Error> {
    /// What the operation itself reported.
    #[error(transparent)]
    Failed(E),
    /// The task was cancelled: `G_IO_ERROR_CANCELLED`.
    #[error("the operation was cancelled")]
    Cancelled,
    /// The task's timeout passed: `G_IO_ERROR_TIMED_OUT`.
    #[error("the operation timed out")]
    TimedOut,
    /// The task was dropped before it was completed.
    #[error("the operation was abandoned before it was completed")]
    Abandoned,
    /// The worker panicked, with this message.
    #[error("the worker panicked: {0}")]
    Panicked(String),
    /// The system refused a thread for the worker.
    #[error("no thread could be started for the worker: {0}")]
    Spawn(#[source] io::Error),
}

impl<E> Error<E> {
    /// The error in GLib's terms, unless the operation itself reported one.
    fn to_glib(&self) -> Option<glib::Error> {
        use gio::IOErrorEnum as Code;
        let (code, plain) = match self {
            Self::Failed(_) => return None,
            Self::Cancelled => (Code::Cancelled, Error::Cancelled),
            Self::TimedOut => (Code::TimedOut, Error::TimedOut),
            Self::Abandoned => (Code::Closed, Error::Abandoned),
            Self::Panicked(message) => (Code::Failed, Error::Panicked(message.clone())),
            Self::Spawn(error) => (Code::WouldBlock, Error::Spawn(copy(error))),
        };
        let plain: Error<Infallible> = plain;
        Some(glib::Error::new(code, &plain.to_string()))
    }
}

impl<E> Error<E> {
    /// What the operation itself reported, as it is, or what became of the task
    /// instead, in one error type that takes both.
    ///
    /// For an `E` that is no [`std::error::Error`], such as `anyhow`'s: then `?` does not
    /// convert this type.
    ///
    /// ```
    /// # use qio_task::Error;
    /// type Any = Box<dyn std::error::Error + Send + Sync>;
    ///
    /// let own = Error::Failed(Any::from("no such host"));
    /// assert_eq!(Error::flatten::<Any>(own).to_string(), "no such host");
    ///
    /// let any: Any = Error::<Any>::TimedOut.flatten();
    /// assert!(matches!(any.downcast_ref(), Some(Error::<std::convert::Infallible>::TimedOut)));
    /// ```
    pub fn flatten<F: From<E> + From<Error<Infallible>>>(self) -> F {
        match self {
            Self::Failed(own) => own.into(),
            Self::Cancelled => Error::Cancelled.into(),
            Self::TimedOut => Error::TimedOut.into(),
            Self::Abandoned => Error::Abandoned.into(),
            Self::Panicked(message) => Error::Panicked(message).into(),
            Self::Spawn(error) => Error::Spawn(error).into(),
        }
    }
}

impl<E: 'static> Error<E> {
    /// The same in GLib's terms; `None` where nothing has failed.
    pub(crate) fn without_cancellation(&self) -> Option<Error> {
        Some(match self {
            Self::Cancelled => return None,
            Self::Failed(_) => Error::Failed(self.describe()),
            Self::TimedOut => Error::TimedOut,
            Self::Abandoned => Error::Abandoned,
            Self::Panicked(message) => Error::Panicked(message.clone()),
            Self::Spawn(error) => Error::Spawn(copy(error)),
        })
    }

    /// What a `GTask` reports for this error, and a group: the operation's own `glib::Error` as it
    /// is, any other type as `G_IO_ERROR_FAILED`, with its words where it is known to have any.
    pub(crate) fn describe(&self) -> glib::Error {
        match self {
            Self::Failed(own) => describe(own),
            other => other
                .to_glib()
                .expect("only `Failed` has no words of its own"),
        }
    }
}

impl<E: Into<glib::Error>> From<Error<E>> for glib::Error {
    fn from(error: Error<E>) -> Self {
        match error {
            Error::Failed(own) => own.into(),
            other => other
                .to_glib()
                .expect("only `Failed` has no words of its own"),
        }
    }
}

/// What [`Worker::check_cancelled`](crate::Worker::check_cancelled) returns in
/// a task that was cancelled or timed out.
///
/// It converts into the error types that workers return, so `?` does:
/// [`io::Error`] (of [`io::ErrorKind::Other`]),
/// [`glib::Error`] (`G_IO_ERROR_CANCELLED`), `Box<dyn Error>` and `anyhow`'s.
/// What it converts into is never delivered: the callback gets
/// [`Error::Cancelled`] or [`Error::TimedOut`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the operation was cancelled")]
pub struct Cancelled;

impl From<Cancelled> for io::Error {
    fn from(cancelled: Cancelled) -> Self {
        // Not `Interrupted`: the standard library's loops retry on that.
        Self::other(cancelled)
    }
}

impl From<Cancelled> for glib::Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::new(gio::IOErrorEnum::Cancelled, &cancelled.to_string())
    }
}

fn describe(own: &dyn Any) -> glib::Error {
    type Boxed = Box<dyn error::Error>;
    type BoxedSend = Box<dyn error::Error + Send>;
    type BoxedSync = Box<dyn error::Error + Send + Sync>;

    fn words<T: ToString + 'static>(own: &dyn Any) -> Option<String> {
        let own = own.downcast_ref::<T>()?;
        // Foreign code, where nothing may unwind: the task is about to end.
        let mut words = None;
        quietly(|| words = Some(own.to_string()));
        words
    }

    if let Some(own) = own.downcast_ref::<glib::Error>() {
        return own.clone();
    }
    let words = [
        words::<io::Error>,
        words::<String>,
        words::<&'static str>,
        words::<Boxed>,
        words::<BoxedSend>,
        words::<BoxedSync>,
    ];
    let words = words.iter().find_map(|words| words(own));
    let words = words.as_deref().unwrap_or("the operation failed");
    glib::Error::new(gio::IOErrorEnum::Failed, words)
}

/// Another one that says the same.
fn copy(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}

/// The words of a panic, as far as it has any.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> String {
    if let Some(message) = payload.downcast_ref::<&str>() {
        (*message).to_owned()
    } else if let Some(message) = payload.downcast_ref::<String>() {
        message.clone()
    } else {
        "a panic without a message".to_owned()
    }
}
