//! [`Worker`]: what a worker function sees of its task, and how it is called.

use std::{
    fmt, io, mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{
    Cancelled, Error,
    base::quietly::drop_quietly,
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
            let result = catch_unwind(AssertUnwindSafe(|| function(&worker)));
            end_waits();
            drop(busy);
            let Worker { node } = worker;
            node.tell(Event::Returned);
            (node, result)
        });
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
