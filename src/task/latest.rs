//! [`Latest`]: the newest of some tasks wins.

use std::{fmt, sync::Arc};

use crate::{base::fork, node::latest};

/// The newest of some tasks wins, as in a search as one types: each task that is made in it, by
/// [`Builder::latest`](crate::Builder::latest), cancels the one before.
///
/// Unless the callback of the one before has been called already, it gets
/// [`Error::Cancelled`](crate::Error::Cancelled), before the callback of the new one is called,
/// whatever their priorities. Nothing that it reports is delivered after the new one was made, and
/// none of its messages.
///
/// It ends at once, and in place of a success that still waits for the loop. So
/// [`return_on_cancel(false)`](crate::Builder::return_on_cancel) and
/// [`check_cancellable(false)`](crate::Builder::check_cancellable) do not hold for such tasks. Only
/// a worker that has [committed](crate::Worker::commit) is not cancelled any more: its result is
/// delivered, with what it reports, before that of the new one if it is there by then. And what a
/// [`Progress`](crate::Progress) or [`Messages`](crate::Messages) delivers that both tasks have is
/// the new one's, too: make one for each.
///
/// This order is kept among callbacks of one thread and context, as those of one text field are.
///
/// This is a handle: a clone is the same one. To drop the last one cancels nothing.
///
/// ```
/// use qio_task::{Error, Latest, QioTask};
///
/// # let context = glib::MainContext::new();
/// # context.with_thread_default(|| {
/// let search = Latest::new();
/// for text in ["g", "gl", "glib"] {
///     QioTask::builder()
///         .latest(&search)
///         .callback(move |found: Result<Vec<String>, Error>| match found {
///             Ok(found) => println!("{text}: {found:?}"),
///             Err(Error::Cancelled) => {} // There is a newer one.
///             Err(error) => eprintln!("{error}"),
///         })
///         .run_in_thread(move |_worker| Ok(vec![format!("what is like {text}")]));
/// }
/// # while search.is_pending() { context.iteration(true); }
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Latest(Arc<latest::Latest>);

impl Latest {
    /// One without a task.
    #[expect(
        clippy::new_without_default,
        reason = "a default is one without an identity"
    )]
    #[track_caller]
    pub fn new() -> Self {
        fork::refuse_child();
        Self(latest::Latest::new())
    }

    /// Cancels the newest task, as when the text is deleted: nothing comes of it any more but
    /// [`Cancelled`](crate::Error::Cancelled), as if another one had taken its place.
    #[track_caller]
    pub fn cancel(&self) {
        fork::refuse_child();
        self.0.cancel();
    }

    /// Whether the newest task is under way: until both its callback and its worker have returned.
    pub fn is_pending(&self) -> bool {
        self.0.newest().is_some()
    }

    pub(super) fn inner(&self) -> Arc<latest::Latest> {
        self.0.clone()
    }
}

impl fmt::Debug for Latest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latest")
            .field("is_pending", &self.is_pending())
            .finish_non_exhaustive()
    }
}
