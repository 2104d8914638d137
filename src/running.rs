//! [`Running`]: the handle on a task whose worker runs in a thread.

use std::{
    fmt,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use glib::MainContext;

use crate::{
    Error, Worker,
    base::state::Interrupt,
    error::panic_message,
    node::{
        held::Held,
        node::{Completer, NodeRef, WorkerFunction},
    },
    observe::{Busy, trace},
    runner::{self, drop_quietly},
};

/// A task whose worker runs in a thread.
///
/// Dropping it detaches: the task goes on. Until then it keeps the context
/// alive. It can't leave its thread:
///
/// ```compile_fail,E0277
/// # let running = qio_task::QioTask::builder()
/// #     .callback(|_: Result<(), qio_task::Error>| {})
/// #     .run_in_thread(|_| Ok(()));
/// std::thread::spawn(move || running.wait());
/// ```
pub struct Running {
    node: NodeRef,
    context: Option<Held>,
    stays: PhantomData<*const ()>,
}

impl Running {
    pub(crate) fn new(node: NodeRef, context: Option<Held>) -> Self {
        Self {
            node,
            context,
            stays: PhantomData,
        }
    }

    /// Blocks until the worker has returned, takes back its pending delivery,
    /// and runs the callback here, without iterating the loop. If the callback
    /// has run already it returns at once.
    ///
    /// The worker of a task that was cancelled is waited for too, until what it has
    /// returned too late is dropped; unless its callback has been told, or it has not
    /// started: then it never will.
    ///
    /// A task of [`Builder::callback_on`](crate::Builder::callback_on) has its
    /// callback run here when this thread can acquire the context; otherwise
    /// this returns when the context's owner has run it. So does a task that
    /// was handed to its thread by another one.
    ///
    /// # Panics
    ///
    /// A panic of the callback unwinds to the caller.
    #[doc(alias = "qio_task_wait_thread")]
    pub fn wait(self) {
        let node = &self.node;
        runner::blocking(|| node.wait_for_worker());
        trace!("qio_task_thread_source_cancel", node.id(), node.name());
        if node.is_home() {
            node.deliver_here(self.context.as_ref());
            node.take_back();
            return;
        }
        // A callback for any thread runs here when this one can own the context;
        // whoever owns it may let go of it without delivering.
        let context = self.context.as_ref().map(Held::get);
        let context = context.filter(|_| node.home.is_none());
        while !node.is_finished() {
            match context.map(MainContext::acquire) {
                Some(Ok(_owner)) => {
                    node.deliver_here(self.context.as_ref());
                    node.take_back();
                    return;
                }
                _ => runner::blocking(|| node.wait_for_callback(RETRY)),
            }
        }
    }

    /// Cancels the task, from inside a callback or outside of one: unless its
    /// callback has been called, it gets [`Error::Cancelled`] through the
    /// loop, promptly, whether or not the worker takes notice.
    #[doc(alias = "g_cancellable_cancel")]
    pub fn cancel(&self) {
        self.node.interrupt(Interrupt::Cancelled);
    }

    /// Whether the task has ended: its callback has returned, or was dropped
    /// with its context.
    #[doc(alias = "g_task_get_completed")]
    pub fn is_finished(&self) -> bool {
        self.node.is_finished()
    }
}

/// How often a waiting thread asks for a context that another one owns.
const RETRY: Duration = Duration::from_millis(5);

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("name", &self.node.name())
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

/// A worker's function, with what its result completes.
pub(crate) struct WorkerJob<T, E, F> {
    completer: Completer<T, E>,
    worker: F,
}

impl<T, E, F> WorkerJob<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
{
    pub(crate) fn new(completer: Completer<T, E>, worker: F) -> Self {
        Self { completer, worker }
    }
}

impl<T, E, F> WorkerFunction for WorkerJob<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
{
    fn run(self: Box<Self>, mut busy: Option<Box<Busy>>) {
        let Self { completer, worker } = *self;
        let view = Worker::new(completer.node().clone());
        let node = completer.node();
        trace!("qio_task_thread_run", node.id(), node.name());
        if let Some(busy) = &mut busy {
            busy.enter();
        }
        let result = catch_unwind(AssertUnwindSafe(|| worker(&view)));
        runner::end_waits();
        drop((busy, view));
        trace!("qio_task_thread_exit", node.id(), node.name());
        let result = match result {
            Ok(result) => result.map_err(Error::Failed),
            Err(panic) => {
                let message = panic_message(&*panic);
                drop_quietly(panic);
                Err(Error::Panicked(message))
            }
        };
        completer.complete_in_idle(result);
    }

    fn refuse(self: Box<Self>, error: std::io::Error) {
        let Self { completer, worker } = *self;
        drop_quietly(worker);
        completer.complete_in_idle(Err(Error::Spawn(error)));
    }
}
