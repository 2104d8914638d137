//! The handles on a task that is under way: [`Running`] and [`TaskFuture`].

use std::{
    fmt,
    marker::PhantomData,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_core::FusedFuture;
use glib::MainContext;

use crate::{
    Error, QioTask, Worker,
    base::state::Interrupt,
    error::panic_message,
    lock,
    node::{
        callback::Callback,
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

/// The result of a task, to be awaited.
///
/// It arrives through the task's context, which has to be iterated, on
/// whichever thread awaits it. Dropping the future cancels the task.
///
/// When the context dies before the task ends, or the thread that the future
/// was made on, it yields [`Error::Abandoned`].
#[must_use = "a future that is dropped cancels its task"]
pub struct TaskFuture<T, E = glib::Error> {
    node: NodeRef,
    shared: Arc<Shared<T, E>>,
    /// Who has polled it, if that is a worker.
    wait: runner::Wait,
}

/// What a future and the callback of its task share.
pub(crate) type Shared<T, E> = Mutex<Awaited<T, E>>;

pub(crate) enum Awaited<T, E> {
    Pending(Option<Waker>),
    Ready(Result<T, Error<E>>),
    Gone,
}

/// The callback of a future: it keeps the source until then. Dropped uncalled,
/// it tells the future that it never comes.
pub(crate) struct Promise<T, E> {
    shared: Arc<Shared<T, E>>,
    source: Option<glib::Object>,
}

impl<T, E> Promise<T, E> {
    pub(crate) fn new(source: Option<glib::Object>) -> Self {
        let shared = Arc::new(Mutex::new(Awaited::Pending(None)));
        Self { shared, source }
    }

    pub(crate) fn shared(&self) -> Arc<Shared<T, E>> {
        self.shared.clone()
    }

    fn resolve(&self, result: Result<T, Error<E>>) {
        let mut awaited = lock(&self.shared);
        if let Awaited::Pending(waker) = &mut *awaited {
            let waker = waker.take();
            *awaited = Awaited::Ready(result);
            drop(awaited);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
    }
}

impl<T, E> Callback<T, E> for Promise<T, E> {
    fn call(self, result: Result<T, Error<E>>) {
        self.resolve(result);
    }

    fn source(&self) -> Option<&glib::Object> {
        self.source.as_ref()
    }

    fn abandon(&self) {
        // What wakes is foreign code, and this thread is ending.
        runner::quietly(|| self.resolve(Err(Error::Abandoned)));
    }
}

impl<T, E> Drop for Promise<T, E> {
    fn drop(&mut self) {
        self.resolve(Err(Error::Abandoned));
    }
}

impl<T, E> TaskFuture<T, E> {
    pub(crate) fn new(node: NodeRef, shared: Arc<Shared<T, E>>) -> Self {
        Self {
            node,
            shared,
            wait: runner::Wait::default(),
        }
    }

    /// Whether the future has been awaited to its end.
    pub fn is_terminated(&self) -> bool {
        matches!(*lock(&self.shared), Awaited::Gone)
    }
}

impl<T, E> Future for TaskFuture<T, E> {
    type Output = Result<T, Error<E>>;

    /// # Panics
    ///
    /// Panics when it is polled after it has yielded its result.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Foreign code, as is the destructor of the one that it replaces.
        let waker = cx.waker().clone();
        let mut awaited = lock(&self.shared);
        if let Awaited::Pending(last) = &mut *awaited {
            let last = last.replace(waker);
            drop(awaited);
            drop(last);
            self.wait.begin();
            return Poll::Pending;
        }
        let end = std::mem::replace(&mut *awaited, Awaited::Gone);
        drop(awaited);
        self.wait.end();
        match end {
            Awaited::Ready(result) => Poll::Ready(result),
            _ => panic!("a `TaskFuture` was polled after it had yielded its result"),
        }
    }
}

/// So that `select!` takes it as it is.
impl<T, E> FusedFuture for TaskFuture<T, E> {
    fn is_terminated(&self) -> bool {
        self.is_terminated()
    }
}

impl<T, E> Drop for TaskFuture<T, E> {
    fn drop(&mut self) {
        self.wait.end();
        self.node.interrupt(Interrupt::Cancelled);
    }
}

impl<T, E> fmt::Debug for TaskFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskFuture")
            .field("name", &self.node.name())
            .field("is_terminated", &self.is_terminated())
            .finish_non_exhaustive()
    }
}

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
