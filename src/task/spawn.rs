//! [`spawn_blocking`] and [`spawn_infallible`]: a function in a thread, awaited.

use std::convert::Infallible;

use super::{future::TaskFuture, task::QioTask, worker::Worker};

/// Calls a blocking function in a thread, and yields its result to a future on
/// this thread's default context.
///
/// Short for [`QioTask::builder`], [`Builder::future`](crate::Builder::future)
/// and [`QioTask::run_in_thread`].
///
/// ```
/// # fn main() -> Result<(), glib::Error> {
/// # let context = glib::MainContext::new();
/// # context.with_thread_default(|| context.block_on(async {
/// let value: u32 = qio_task::spawn_blocking(|_worker| Ok::<_, glib::Error>(1)).await?;
/// # assert_eq!(value, 1);
/// # Ok(()) })).unwrap()
/// # }
/// ```
///
/// # Panics
///
/// As [`Builder::future`](crate::Builder::future) does.
#[doc(alias = "g_task_run_in_thread")]
#[track_caller]
pub fn spawn_blocking<T, E, F>(worker: F) -> TaskFuture<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
{
    let (task, future) = QioTask::builder().future();
    task.run_in_thread(worker);
    future
}

/// As [`spawn_blocking`], for a function that has no error of its own.
///
/// What is left are those of the task: it was cancelled, or has panicked.
///
/// ```
/// use std::convert::Infallible;
///
/// # fn main() -> Result<(), qio_task::Error<Infallible>> {
/// # let context = glib::MainContext::new();
/// # context.with_thread_default(|| context.block_on(async {
/// let sum: u64 = qio_task::spawn_infallible(|_worker| (1..=4).sum()).await?;
/// # assert_eq!(sum, 10);
/// # Ok(()) })).unwrap()
/// # }
/// ```
///
/// # Panics
///
/// As [`Builder::future`](crate::Builder::future) does.
#[doc(alias = "g_task_run_in_thread")]
#[track_caller]
pub fn spawn_infallible<T, F>(worker: F) -> TaskFuture<T, Infallible>
where
    T: Send + 'static,
    F: FnOnce(&Worker) -> T + Send + 'static,
{
    spawn_blocking(|this| Ok(worker(this)))
}
