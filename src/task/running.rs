//! [`Running`]: the handle on a task whose worker runs in a thread.

use std::{fmt, marker::PhantomData, time::Duration};

use glib::MainContext;

use super::worker_ended::WorkerEnded;
use crate::{
    base::{fork, state::Interrupt},
    node::{context_ref::ContextRef, events::Event, node::NodeRef, runner::waits::blocking},
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
    context: ContextRef,
    stays: PhantomData<*const ()>,
}

impl Running {
    pub(crate) fn new(node: NodeRef, context: ContextRef) -> Self {
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
    #[track_caller]
    pub fn wait(self) {
        fork::refuse_child();
        let node = &self.node;
        // As a whole: a worker that has lent its place needs it when it goes on, and not before.
        blocking(|| {
            node.wait_with_messages(Some(self.context.get()), |is_due| {
                node.wait_for_worker(is_due);
            });
        });
        node.tell(Event::WaitedFor);
        if node.is_home() {
            node.deliver_here(Some(self.context.get()));
            return;
        }
        // A callback for any thread runs here when this one can own the context;
        // whoever owns it may let go of it without delivering.
        let context = node.home.is_none().then(|| self.context.get());
        while !node.is_finished() {
            match context.map(MainContext::acquire) {
                Some(Ok(_owner)) => {
                    node.deliver_here(context);
                    return;
                }
                _ => blocking(|| node.wait_for_callback(RETRY)),
            }
        }
    }

    /// When the worker has returned, or never will run: also of a task that was cancelled or
    /// timed out long ago, whose callback has run while its worker went on.
    ///
    /// So a file that a cancelled worker has open is closed, and a device that it uses is free.
    ///
    /// ```
    /// # let context = glib::MainContext::new();
    /// # context.with_thread_default(|| {
    /// let running = qio_task::QioTask::builder()
    ///     .callback(|_: Result<(), qio_task::Error>| println!("cancelled"))
    ///     .run_in_thread(|worker| {
    ///         while !worker.is_cancelled() { /* a block of the file */ }
    ///         Ok(())
    ///     });
    /// running.cancel();
    /// context.block_on(running.worker_ended());
    /// // It is closed now.
    /// # }).unwrap();
    /// ```
    pub fn worker_ended(&self) -> WorkerEnded {
        WorkerEnded::new(self.node.clone())
    }

    /// Blocks until the worker has returned, or never will run, whatever has become of the
    /// callback; it is not called here. Other than [`wait`](Self::wait) this waits for the worker
    /// of a task whose callback has been told of a cancellation.
    #[track_caller]
    pub fn wait_for_worker(&self) {
        fork::refuse_child();
        let node = &self.node;
        blocking(|| {
            node.wait_with_messages(Some(self.context.get()), |is_due| {
                node.wait_for_worker_end(is_due);
            });
        });
    }

    /// Cancels the task, from inside a callback or outside of one: unless its
    /// callback has been called, it gets [`Error::Cancelled`](crate::Error::Cancelled) through the
    /// loop, promptly, whether or not the worker takes notice.
    #[doc(alias = "g_cancellable_cancel")]
    #[track_caller]
    pub fn cancel(&self) {
        fork::refuse_child();
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
pub(super) const RETRY: Duration = Duration::from_millis(5);

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("name", &self.node.name())
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
