//! [`QioTask`]: one asynchronous operation that ends exactly once.

use std::{fmt, mem};

use super::{
    running::Running,
    worker::{Function, Worker},
};
use crate::{
    Error,
    base::fork,
    node::{
        completer::{Completer, WorkerFunction},
        context_ref::ContextRef,
        events::Event,
        node::NodeRef,
        runner,
    },
};

/// One asynchronous operation that ends exactly once, with a `Result`, in a
/// callback on the main context that it was made for.
///
/// The callback is given as the task is made, by [`QioTask::new`] or a
/// [`Builder`](crate::Builder); the context is the creating thread's default at that moment
/// (or the one given to [`Builder::callback_on`](crate::Builder::callback_on)). The task is then either
/// completed by hand, or handed to a worker thread or to the main loop:
///
/// - [`complete`](Self::complete), [`complete_in_idle`](Self::complete_in_idle)
/// - [`run_in_thread`](Self::run_in_thread)
/// - [`watch_socket`](Self::watch_socket), [`poll_every`](Self::poll_every), and on Unix `watch_fd`
///
/// Each uses the task up, so that it can't end twice. One that is dropped
/// instead ends with [`Error::Abandoned`], through the loop.
///
/// A task that is held keeps its context alive; one that runs in a thread or
/// is driven by the loop does not.
///
/// The task may be moved to another thread where `T` and `E` may; the
/// callback, the source and an undelivered result stay, or come back, to the
/// thread of the context.
///
/// ```
/// use qio_task::{Error, QioTask};
///
/// # glib::MainContext::new().with_thread_default(|| {
/// let object = gio::Cancellable::new();
/// let task = QioTask::new(&object, |object, result: Result<u32, Error>| {
///     assert!(result.is_ok_and(|value| value == 42));
///     # let _ = object;
/// });
/// task.complete(Ok(42));
/// # }).unwrap();
/// ```
#[doc(alias = "QIOTask")]
#[doc(alias = "GTask")]
#[must_use = "a task that is dropped ends with `Error::Abandoned`"]
pub struct QioTask<T: 'static, E: 'static = glib::Error> {
    /// `None` once it has ended.
    completer: Option<Completer<T, E>>,
    /// The context, until the task passes to something that it may own; then the default.
    context: ContextRef,
}

impl<T: 'static, E: 'static> QioTask<T, E> {
    #[inline]
    pub(crate) fn from_parts(completer: Completer<T, E>, context: ContextRef) -> Self {
        let task = Self {
            completer: Some(completer),
            context,
        };
        task.node().tell(Event::Made);
        task
    }

    #[inline]
    pub(crate) fn node(&self) -> &NodeRef {
        let completer = self.completer.as_ref();
        completer.expect(UNENDED).node()
    }

    /// Ends the task. On its own thread the callback runs before this returns,
    /// whether or not a loop is running; from any other thread it runs through
    /// a source on the context, of the task's priority.
    ///
    /// The callback gets [`Error::Failed`] with an `Err`, and what ended the
    /// task before this, such as [`Error::Cancelled`], instead of `result`.
    ///
    /// A task can't be completed twice:
    ///
    /// ```compile_fail,E0382
    /// let task = qio_task::QioTask::builder().callback(|_: Result<(), qio_task::Error>| {});
    /// task.complete(Ok(()));
    /// task.complete(Ok(()));
    /// ```
    ///
    /// # Panics
    ///
    /// A panic of a callback that runs here unwinds to the caller.
    #[doc(alias = "qio_task_complete")]
    #[doc(alias = "qio_task_set_error")]
    #[doc(alias = "qio_task_set_result_pointer")]
    #[doc(alias = "g_task_return_pointer")]
    #[doc(alias = "g_task_return_error")]
    #[inline]
    #[track_caller]
    pub fn complete(self, result: Result<T, E>) {
        fork::refuse_child();
        if self.is_here() {
            self.complete_here(result);
        } else {
            self.complete_in_idle(result);
        }
    }

    /// Ends the task where its callback runs.
    #[inline]
    pub(crate) fn complete_here(mut self, result: Result<T, E>) {
        let Some(completer) = self.completer.take() else {
            return;
        };
        let result = result.map_err(Error::Failed);
        let context = mem::take(&mut self.context);
        completer.complete_here(&context, result);
    }

    fn into_parts(mut self) -> (Completer<T, E>, ContextRef) {
        let completer = self.completer.take().expect(UNENDED);
        (completer, self.release_context())
    }

    /// Takes the context out of the task, for what the context may own.
    pub(crate) fn release_context(&mut self) -> ContextRef {
        mem::take(&mut self.context)
    }

    /// Ends the task like [`complete`](Self::complete), but always through a
    /// source on the context, when nothing of a higher priority is left to do.
    #[doc(alias = "g_task_return_pointer")]
    #[track_caller]
    pub fn complete_in_idle(mut self, result: Result<T, E>) {
        fork::refuse_child();
        self.finish(result.map_err(Error::Failed));
    }

    /// Ends the task through the loop.
    fn finish(&mut self, result: Result<T, Error<E>>) {
        let Some(completer) = self.completer.take() else {
            return;
        };
        // Before the delivery, so that the dispatch finds it at home.
        drop(self.release_context());
        completer.complete_in_idle(result);
    }

    /// Calls `worker` in a thread, and completes the task with what it returns
    /// through a source on the task's context, as
    /// [`complete_in_idle`](Self::complete_in_idle) does.
    ///
    /// A worker that blocks delays no other: threads are added as needed. Its
    /// panic becomes [`Error::Panicked`]; a thread that the system refuses,
    /// [`Error::Spawn`].
    ///
    /// A worker may make and wait for tasks of its own; to run callbacks in
    /// its thread it needs a context there.
    ///
    /// What a worker does to its thread is undone before the next one runs there: its name,
    /// nice value and scheduling policy, its signal mask, a thread-default context that was
    /// not popped, the locale of `uselocale`, the floating-point mode. Where the system does
    /// not let it be undone, as a nice value that was raised, that thread ends. What is not
    /// looked for is told at [`Builder::dedicated_thread`](crate::Builder::dedicated_thread).
    ///
    /// The thread has all signals blocked but those of faults: they are for the program. A
    /// child process that a worker starts inherits that, also by
    /// [`std::process::Command`] and `GSubprocess`, and so takes no SIGTERM or SIGINT until
    /// it unblocks them; `Child::kill` ends it all the same. `env --default-signal` of
    /// coreutils in front of the program unblocks all, and so does a call of
    /// `pthread_sigmask` in the worker, which is undone after it.
    ///
    /// The worker returns or panics. It must not end its thread, by `pthread_exit` or as
    /// somebody cancels that: it can't be unwound so through frames of Rust that catch panics,
    /// and mostly the process ends. A worker of C may.
    #[doc(alias = "qio_task_run_in_thread")]
    #[doc(alias = "g_task_run_in_thread")]
    #[track_caller]
    pub fn run_in_thread<F>(self, worker: F) -> Running
    where
        T: Send,
        E: Send,
        F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
    {
        fork::refuse_child();
        self.hand_to(Function(worker))
    }

    /// Has `function` called in a thread.
    pub(crate) fn hand_to(self, function: impl WorkerFunction<T, E>) -> Running {
        let (completer, context) = self.into_parts();
        let (node, is_waiting) = completer.submit_worker(function);
        let running = Running::new(node.clone(), context);
        if is_waiting {
            runner::start(node);
        }
        running
    }

    /// The object that the task is about. `None` when it has none, when it has
    /// ended, and on another thread than the task's own.
    #[doc(alias = "qio_task_get_source")]
    #[doc(alias = "g_task_get_source_object")]
    pub fn source(&self) -> Option<glib::Object> {
        self.node().source()
    }

    /// The name that the task was given.
    #[doc(alias = "g_task_get_name")]
    pub fn name(&self) -> Option<&str> {
        self.node().name()
    }

    /// The priority that the task is delivered at.
    #[doc(alias = "g_task_get_priority")]
    pub fn priority(&self) -> glib::Priority {
        self.node().level.priority()
    }

    /// The cancellable that the task was given. `None` when it has ended, and
    /// on another thread than the task's own.
    #[doc(alias = "g_task_get_cancellable")]
    pub fn cancellable(&self) -> Option<gio::Cancellable> {
        self.is_here().then(|| self.node().cancellable()).flatten()
    }

    /// Whether the task has been cancelled or its timeout has passed: then
    /// nobody waits for its result any more.
    #[doc(alias = "g_cancellable_is_cancelled")]
    pub fn is_cancelled(&self) -> bool {
        self.node().is_interrupted()
    }

    /// The task as the `GAsyncResult` of GIO: a `GTask`, to hand to C.
    ///
    /// It is this task's face, not another way to complete it: it returns a
    /// boolean, `TRUE`, or the error in GLib's terms. `None` on another thread
    /// than the task's own, when the task has ended, and for a task of
    /// [`Builder::callback_on`](crate::Builder::callback_on), which has no thread.
    #[cfg(feature = "gtask")]
    #[doc(alias = "G_ASYNC_RESULT")]
    pub fn async_result(&self) -> Option<gio::AsyncResult> {
        self.find_async_result()
    }

    /// What is public where the backend has one.
    #[allow(dead_code, reason = "see above")]
    pub(crate) fn find_async_result(&self) -> Option<gio::AsyncResult> {
        let node = self.node();
        if !node.is_callback_here() {
            return None;
        }
        let context = Some(self.context.get());
        node.level.queue.within(context, || node.async_result())
    }

    /// Takes the callback of a task of [`Builder::callback_on`](crate::Builder::callback_on)
    /// back, uncalled, unless it is too late. It is dropped, and the task leaves its group, with what
    /// this returns.
    #[cfg(feature = "capi")]
    pub(crate) fn withdraw(mut self) -> Option<crate::node::withdrawn::Withdrawn> {
        let completer = self.completer.take()?;
        crate::node::registry::withdraw(completer.node())
    }

    /// Whether this is the thread, and with [`Builder::callback_on`](crate::Builder::callback_on) the
    /// owner of the context, that the task's callback runs on.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        let node = self.node();
        match node.home {
            Some(_) => node.is_home(),
            None => self.context.is_owned_here(),
        }
    }
}

const UNENDED: &str = "there until the task has ended";

impl<T: 'static, E: 'static> Drop for QioTask<T, E> {
    fn drop(&mut self) {
        if self.completer.is_none() {
            return;
        }
        if fork::is_child() {
            mem::forget(self.completer.take());
        } else {
            self.finish(Err(Error::Abandoned));
        }
    }
}

impl<T: 'static, E: 'static> fmt::Debug for QioTask<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QioTask")
            .field("name", &self.name())
            .field("priority", &self.priority())
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
