//! [`Running`]: the handle on a task whose worker runs in a thread.

use std::{
    any::Any,
    fmt,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use glib::MainContext;

use crate::{
    Error, Worker,
    arrival::{Left, Parcel},
    control::{Control, Place},
    error::panic_message,
    held::Held,
    observe::{self, trace},
    runner::{self, drop_quietly},
    state::Interrupt,
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
    control: Arc<Control>,
    context: Option<Held>,
    stays: PhantomData<*const ()>,
}

impl Running {
    pub(crate) fn new(control: Arc<Control>, context: Option<Held>) -> Self {
        Self {
            control,
            context,
            stays: PhantomData,
        }
    }

    /// Blocks until the worker has returned, takes back its pending delivery,
    /// and runs the callback here, without iterating the loop. If the callback
    /// has run already it returns at once.
    ///
    /// The worker of a task that was cancelled is waited for too, unless its
    /// callback has been told, or it has not started: then it never will.
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
        let control = &self.control;
        runner::blocking(|| control.wait_for_worker());
        trace!(
            "qio_task_thread_source_cancel",
            control.ticket,
            control.name()
        );
        if control.is_home() {
            control.deliver_here(self.context.as_ref());
            control.take_back();
            return;
        }
        // A callback for any thread runs here when this one can own the context;
        // whoever owns it may let go of it without delivering.
        let context = self.context.as_ref().map(Held::get);
        let context = context.filter(|_| control.place == Place::Context);
        while !control.is_finished() {
            match context.map(MainContext::acquire) {
                Some(Ok(_owner)) => {
                    control.deliver_here(self.context.as_ref());
                    control.take_back();
                    return;
                }
                _ => runner::blocking(|| control.wait_for_callback(RETRY)),
            }
        }
    }

    /// Cancels the task, from inside a callback or outside of one: unless its
    /// callback has been called, it gets [`Error::Cancelled`] through the
    /// loop, promptly, whether or not the worker takes notice.
    #[doc(alias = "g_cancellable_cancel")]
    pub fn cancel(&self) {
        self.control.interrupt(Interrupt::Cancelled);
    }

    /// Whether the task has ended: its callback has returned, or was dropped
    /// with its context.
    #[doc(alias = "g_task_get_completed")]
    pub fn is_finished(&self) -> bool {
        self.control.is_finished()
    }
}

/// How often a waiting thread asks for a context that another one owns.
const RETRY: Duration = Duration::from_millis(5);

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("name", &self.control.name())
            .field("is_finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

/// A worker function on its way to a thread, and then its result on the way
/// home, in the same place: so that what one thread has allocated, it frees.
pub(crate) struct WorkerJob<T, E, F> {
    /// What is completed; until then.
    control: Option<Arc<Control>>,
    worker: Option<F>,
    result: Option<Result<T, Error<E>>>,
}

impl<T, E, F> WorkerJob<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
{
    pub(crate) fn new(control: Arc<Control>, worker: F) -> Self {
        Self {
            control: Some(control),
            worker: Some(worker),
            result: None,
        }
    }

    /// Sends the result home.
    fn finish(mut self: Box<Self>, control: &Arc<Control>, result: Result<T, Error<E>>) {
        let success = result.is_ok();
        trace!(
            "qio_task_complete",
            control.ticket,
            control.name(),
            failed = !success
        );
        self.result = Some(result);
        if control.complete(success, Left::Parcel(self)) {
            control.send();
        }
    }
}

impl<T, E, F> runner::Job for WorkerJob<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&Worker) -> Result<T, E> + Send + 'static,
{
    fn run(mut self: Box<Self>) {
        let (Some(control), Some(worker)) = (self.control.take(), self.worker.take()) else {
            return;
        };
        // Before it starts: from then on the task may end, with its worker still to be seen.
        let mut busy = observe::working(control.ticket);
        if !control.start_worker() {
            // Ended before it started.
            drop(busy);
            drop_quietly(worker);
            return;
        }
        trace!("qio_task_thread_run", control.ticket, control.name());
        if let Some(busy) = &mut busy {
            busy.enter();
        }
        let view = Worker::new(control);
        let result = catch_unwind(AssertUnwindSafe(|| worker(&view)));
        runner::end_waits();
        drop(busy);
        let control = view.into_control();
        trace!("qio_task_thread_exit", control.ticket, control.name());
        let result = match result {
            Ok(result) => result.map_err(Error::Failed),
            Err(panic) => {
                let message = panic_message(&*panic);
                drop_quietly(panic);
                Err(Error::Panicked(message))
            }
        };
        self.finish(&control, result);
    }

    fn name(&self) -> Option<&str> {
        self.control.as_ref()?.name()
    }

    fn refuse(mut self: Box<Self>, error: std::io::Error) {
        if let Some(control) = self.control.take() {
            drop_quietly(self.worker.take());
            self.finish(&control, Err(Error::Spawn(error)));
        }
    }
}

impl<T, E, F> Parcel for WorkerJob<T, E, F>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Send,
{
    fn result(&mut self) -> &mut dyn Any {
        &mut self.result
    }
}
