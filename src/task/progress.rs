//! [`Progress`]: values from a worker, coalesced to the newest.

use std::{fmt, sync::Arc, time::Duration};

use super::reporter::Reporter;
use crate::{
    base::{fork, pace::FRAME},
    node::owner::Owned,
};

/// Reports values to a closure on the thread that made it.
///
/// The closure runs on the context that was the thread's default when the
/// `Progress` was made, through a source of `G_PRIORITY_DEFAULT_IDLE`.
///
/// It is called at a pace, once in 16 ms unless
/// [`with_interval`](Self::with_interval) says otherwise: a worker may report
/// as often as it likes. The first value is delivered at once. Between two
/// calls values replace each other: intermediate ones may be skipped, the last
/// never. A value that was reported before a task of the same context
/// completes is delivered before that completion, at whatever pace.
///
/// Given to a task, with [`Builder::progress`](crate::Builder::progress), it
/// belongs to that: nothing is delivered after the task's callback was called.
/// One that belongs to no task goes on for as long as somebody has a clone of
/// it, which a worker does that was cancelled and has not noticed yet.
///
/// Clones report to the same closure. It is dropped, at home, after the last
/// clone is dropped, or with its context.
///
/// ```
/// use std::{cell::Cell, rc::Rc};
/// use qio_task::{Progress, QioTask};
///
/// # glib::MainContext::new().with_thread_default(|| {
/// let seen = Rc::new(Cell::new(0.0));
/// let progress = Progress::new({
///     let seen = seen.clone();
///     move |fraction: f64| seen.set(fraction)
/// });
/// QioTask::builder()
///     .progress(&progress)
///     .callback(|_: Result<(), qio_task::Error>| {})
///     .run_in_thread(move |_| {
///         progress.report(0.5);
///         progress.report(1.0);
///         Ok(())
///     })
///     .wait();
/// assert_eq!(seen.get(), 1.0);
/// # }).unwrap();
/// ```
pub struct Progress<T: Send + 'static> {
    reporter: Arc<Reporter<T>>,
}

impl<T: Send + 'static> Progress<T> {
    /// Makes a reporter to `callback`, on this thread and its default context.
    /// It is called once in 16 ms at most, but for completions.
    ///
    /// # Panics
    ///
    /// Panics when another thread owns this thread's default context.
    #[doc(alias = "qio_task_set_progress_func")]
    #[track_caller]
    pub fn new(callback: impl FnMut(T) + 'static) -> Self {
        Self::with_interval(FRAME, callback)
    }

    /// As [`new`](Self::new), to be called once in `interval` at most, but for
    /// completions.
    ///
    /// An interval counts from the beginning of a call. With
    /// [`Duration::ZERO`] each call comes as soon as the loop is ready for it;
    /// one of more than a year is as good as a year.
    ///
    /// ```
    /// use std::time::Duration;
    /// use qio_task::Progress;
    ///
    /// # glib::MainContext::new().with_thread_default(|| {
    /// let progress = Progress::with_interval(Duration::from_millis(100), |lines: u64| {
    ///     eprint!("\r{lines} lines");
    /// });
    /// # progress.report(1);
    /// # }).unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new) does.
    #[doc(alias = "qio_task_set_progress_interval")]
    #[track_caller]
    pub fn with_interval(interval: Duration, callback: impl FnMut(T) + 'static) -> Self {
        fork::refuse_child();
        Self {
            reporter: Reporter::new(interval, Box::new(callback)),
        }
    }

    /// Reports `value`, from any thread. It replaces one that has not been
    /// delivered yet. With the context gone, or each task that has the
    /// `Progress` for its own at its end, it is dropped.
    #[doc(alias = "qio_task_report_progress")]
    #[track_caller]
    pub fn report(&self, value: T) {
        fork::refuse_child();
        self.reporter.report(value);
    }

    /// What a task is given, for it to belong to that.
    pub(super) fn owned(&self) -> Arc<dyn Owned> {
        self.reporter.clone()
    }
}

impl<T: Send + 'static> Clone for Progress<T> {
    fn clone(&self) -> Self {
        Self {
            reporter: self.reporter.clone(),
        }
    }
}

impl<T: Send + 'static> fmt::Debug for Progress<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}
