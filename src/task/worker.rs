//! [`Worker`]: what a worker function sees of its task, and how it is called.

use std::{
    fmt, io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::AtomicBool},
};

use crate::{
    Cancelled, Error,
    base::{foreign, quietly::drop_quietly},
    error::panic_message,
    node::{
        completer::{Completer, WorkerFunction},
        events::{Busy, Event},
        node::NodeRef,
        runner::{self, waits::end_waits},
    },
};

/// A task, as its worker function sees it in its thread.
///
/// A worker that takes long asks it now and then whether the result is still
/// wanted. One that ignores it does no harm: the callback has been told, and
/// the late result is dropped.
pub struct Worker {
    node: NodeRef,
}

impl Worker {
    /// Whether the task has been cancelled or its timeout has passed.
    #[doc(alias = "g_cancellable_is_cancelled")]
    pub fn is_cancelled(&self) -> bool {
        self.node.check_deadline();
        self.node.is_interrupted()
    }

    /// Returns early, by `?`, from a worker whose result is not wanted any more.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] when the task has been cancelled or its timeout has passed.
    #[doc(alias = "g_cancellable_set_error_if_cancelled")]
    pub fn check_cancelled(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }

    /// A sign of life, for a task with an
    /// [`inactivity_timeout`](crate::Builder::inactivity_timeout): that counts anew from now.
    #[doc(alias = "qio_task_touch")]
    pub fn touch(&self) {
        self.node.touch();
    }

    /// The point of no return: neither a cancellation nor a timeout ends the task from here on,
    /// and its result is delivered whatever happens; unless its context dies. For what must not
    /// be left half done: the file is renamed, the record is written.
    ///
    /// [`is_cancelled`](Self::is_cancelled) is false from then on, and
    /// [`cancellable`](Self::cancellable) is not cancelled any more. A second call does nothing.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] when the task has been cancelled or its timeout has passed: then nobody
    /// wants what was to be done.
    ///
    /// ```
    /// # let folder = std::env::temp_dir().join(format!("qio-commit-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let (draft, file) = (folder.join("draft"), folder.join("file"));
    /// # glib::MainContext::new().with_thread_default(|| {
    /// qio_task::QioTask::builder()
    ///     .callback(|result: Result<(), qio_task::Error<std::io::Error>>| result.unwrap())
    ///     .run_in_thread(move |worker| {
    ///         std::fs::write(&draft, "as long as it takes")?;
    ///         worker.commit()?;
    ///         std::fs::rename(&draft, &file)
    ///     })
    ///     .wait();
    /// # }).unwrap();
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// ```
    #[doc(alias = "g_task_set_return_on_cancel")]
    pub fn commit(&self) -> Result<(), Cancelled> {
        self.node.commit().then_some(()).ok_or(Cancelled)
    }

    /// A flag that is true once the task has ended, by a cancellation, a timeout or otherwise: for
    /// code that takes one of its own, as many libraries do. Each call returns the same one.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    ///
    /// fn search(stop: &AtomicBool) -> Option<u64> {
    ///     (0..1000).take_while(|_| !stop.load(Ordering::Relaxed)).find(|n| n * n == 144)
    /// }
    ///
    /// # glib::MainContext::new().with_thread_default(|| {
    /// qio_task::QioTask::builder()
    ///     .callback(|result: Result<_, qio_task::Error>| assert_eq!(result.unwrap(), Some(12)))
    ///     .run_in_thread(|worker| Ok(search(&worker.stop_flag())))
    ///     .wait();
    /// # }).unwrap();
    /// ```
    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        self.node.stop_flag()
    }

    /// A cancellable for blocking calls of GIO, cancelled when the task is
    /// cancelled or times out. It is this task's own: cancelling it stops those
    /// calls and not the task.
    #[doc(alias = "g_task_get_cancellable")]
    pub fn cancellable(&self) -> &gio::Cancellable {
        self.node.worker_cancellable()
    }

    /// The name that the task was given.
    #[doc(alias = "g_task_get_name")]
    pub fn name(&self) -> Option<&str> {
        self.node.name()
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.name())
            .field("is_cancelled", &self.is_cancelled())
            .finish()
    }
}

/// The function that a task was given to be called in a thread.
pub(crate) struct Function<F>(pub(crate) F);

impl<T, E, F> WorkerFunction<T, E> for Function<F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
{
    fn run(self, completer: Completer<T, E>, mut busy: Option<Box<dyn Busy>>) {
        let Self(function) = self;
        let (completer, result) = completer.lend(|node| {
            node.tell(Event::Called);
            if let Some(busy) = &mut busy {
                busy.enter();
            }
            let worker = Worker { node };
            let result = foreign::timed(|| catch_unwind(AssertUnwindSafe(|| function(&worker))));
            end_waits();
            drop(busy);
            let Worker { node } = worker;
            node.raise_stop_flag();
            node.tell(Event::Returned);
            (node, result)
        });
        let result = match result {
            Ok(result) => result.map_err(Error::Failed),
            Err(panic) => {
                let message = panic_message(&*panic);
                foreign::untimed();
                drop_quietly(panic);
                Err(Error::Panicked(message))
            }
        };
        completer.complete_in_idle(result);
    }

    fn refuse(self, completer: Completer<T, E>, error: io::Error) {
        drop_quietly(self);
        completer.complete_in_idle(Err(Error::Spawn(error)));
    }

    /// It is `Send`, and to free what is large takes long: a worker thread does it.
    fn discard(result: Result<T, Error<E>>) {
        let is_trivial = match &result {
            Ok(_) => !mem::needs_drop::<T>(),
            Err(Error::Failed(_)) => !mem::needs_drop::<E>(),
            Err(_) => true,
        };
        if !is_trivial {
            runner::submit(runner::Job::Drop(Box::new(result)));
        }
    }
}
