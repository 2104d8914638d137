//! [`GroupError`]: the first error of a group.

use std::{error, fmt, panic::Location, sync::Arc};

use crate::Error;

/// The first error of a [`Group`](crate::Group): what it was, and whose.
///
/// The callback of the task gets the error as it is. Here it is a [`glib::Error`], since the errors
/// of a group's members may be of different types: such a one is the same here; of an
/// [`std::io::Error`], a `String` or a boxed error it has the words; and of any other type it says
/// "the operation failed".
#[derive(Clone)]
pub struct GroupError(Arc<Failure>);

struct Failure {
    name: Option<Box<str>>,
    location: &'static Location<'static>,
    error: Error,
}

impl GroupError {
    /// Of a task of this name that was made here, and ends with `error`. `None` for a cancellation, which is none.
    pub(crate) fn new<E: 'static>(
        name: Option<&str>,
        location: &'static Location<'static>,
        error: &Error<E>,
    ) -> Option<Self> {
        let failure = Failure {
            name: name.map(Box::from),
            location,
            error: error.without_cancellation()?,
        };
        Some(Self(Arc::new(failure)))
    }

    /// What the task ended with. Never [`Error::Cancelled`].
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The name of the task, if it was given one.
    #[doc(alias = "g_task_get_name")]
    pub fn task_name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Where the task was made.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }
}

impl fmt::Display for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.task_name() {
            Some(name) => write!(f, "{name}: {}", self.error()),
            None => self.error().fmt(f),
        }
    }
}

impl fmt::Debug for GroupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupError")
            .field("task_name", &self.task_name())
            .field("location", &self.location())
            .field("error", self.error())
            .finish()
    }
}

impl error::Error for GroupError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(self.error())
    }
}
