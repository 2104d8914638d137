//! [`TaskFuture`]: the result of a task, to be awaited.

use std::{
    fmt, mem,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use futures_core::FusedFuture;

use super::worker_ended::WorkerEnded;
use crate::{
    Error,
    base::{
        fork,
        quietly::{drop_quietly, quietly},
        state::Interrupt,
        sync::lock,
    },
    node::{callback::Callback, node::NodeRef, runner::waits::Wait},
};

/// The result of a task, to be awaited.
///
/// It arrives through the task's context, which has to be iterated, on
/// whichever thread awaits it. Dropping the future cancels the task;
/// [`detach`](Self::detach) lets it go on.
///
/// When the context dies before the task ends, or the thread that the future
/// was made on, it yields [`Error::Abandoned`].
#[must_use = "a future that is dropped, as by `let _ = …`, cancels its task; `detach` lets it go on"]
pub struct TaskFuture<T, E = glib::Error> {
    node: NodeRef,
    shared: Arc<Shared<T, E>>,
    /// Who has polled it, if that is a worker.
    wait: Wait,
}

/// What a future and the callback of its task share.
pub(crate) type Shared<T, E> = Mutex<Awaited<T, E>>;

pub(crate) enum Awaited<T, E> {
    Pending(Option<Waker>),
    Ready(Result<T, Error<E>>),
    /// It has been yielded, or nobody waits for it.
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
        } else {
            // Detached, so nobody hears of it if it panics.
            drop(awaited);
            drop_quietly(result);
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

    fn tell_leaked(&self) {
        // What wakes is foreign code, and this thread is ending.
        quietly(|| self.resolve(Err(Error::Abandoned)));
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
            wait: Wait::default(),
        }
    }

    /// Whether the future has been awaited to its end.
    pub fn is_terminated(&self) -> bool {
        matches!(*lock(&self.shared), Awaited::Gone)
    }

    /// When the task's worker has returned, or never will run: also once this future was
    /// dropped, which cancels the task and does not wait for its worker.
    pub fn worker_ended(&self) -> WorkerEnded {
        WorkerEnded::new(self.node.clone())
    }

    /// Lets the task go on without anybody who awaits it: fire and forget.
    ///
    /// Its result is dropped as the callback of another task would be called,
    /// on the thread where the task was made; one that has come already, here. So
    /// is an error, of which nobody hears: where one matters, give the task a
    /// callback instead.
    ///
    /// Any thread may call it, also when the future has been polled.
    ///
    /// ```
    /// # let context = glib::MainContext::new();
    /// # context.with_thread_default(|| {
    /// let (warm, warmed) = std::sync::mpsc::channel();
    /// qio_task::spawn_blocking(move |_worker| warm.send("the cache")).detach();
    /// assert_eq!(warmed.recv(), Ok("the cache"));
    /// # }).unwrap();
    /// ```
    #[track_caller]
    pub fn detach(self) {
        fork::refuse_child();
        let last = mem::replace(&mut *lock(&self.shared), Awaited::Gone);
        match last {
            Awaited::Ready(result) => drop_quietly(result),
            // The waker is foreign code.
            Awaited::Pending(waker) => drop(waker),
            Awaited::Gone => {}
        }
    }
}

impl<T, E> Future for TaskFuture<T, E> {
    type Output = Result<T, Error<E>>;

    /// # Panics
    ///
    /// Panics when it is polled after it has yielded its result.
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        fork::refuse_child();
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
        if fork::is_child() {
            return;
        }
        self.wait.end();
        if !self.is_terminated() {
            self.node.interrupt(Interrupt::Cancelled);
        }
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
