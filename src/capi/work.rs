//! [`Work`]: how the worker of a task of C is called, which may end its thread.

use std::{
    cell::Cell,
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{c_types::WorkerAndData, handle::Handle, task::TaskRef};
use crate::{
    Error,
    base::quietly::drop_quietly,
    node::{
        completer::{Completer, WorkerFunction},
        events::{Busy, Event},
        runner::{self, call::End, waits::end_waits},
    },
};

type Reference = Option<TaskRef>;

/// The worker of a task of C, which is freed at home with all that it has. So is what is left of
/// it where nobody wants that any more, though it could go anywhere.
pub(super) struct Work {
    pub(super) task: Handle,
    pub(super) worker: WorkerAndData,
}

/// A worker that is being called on this thread.
struct Working {
    task: Handle,
    worker_ref: TaskRef,
    completer: Completer<Reference, Reference>,
    busy: Option<Box<dyn Busy>>,
}

thread_local! {
    /// The task of that one.
    static WORKED_FOR: Cell<Option<Handle>> = const { Cell::new(None) };
}

/// Whether this thread calls the worker of `task`.
pub(super) fn works_for(task: Handle) -> bool {
    WORKED_FOR.get() == Some(task)
}

/// Whether any worker was ever called: in a program that has none, nobody asks for its thread.
static WAS_ANY: AtomicBool = AtomicBool::new(false);

/// Whether this thread calls a worker.
#[inline]
pub(super) fn is_worker() -> bool {
    // ORDERING: a worker sees what its own thread has written.
    WAS_ANY.load(Ordering::Relaxed) && looks_like_worker()
}

#[cold]
fn looks_like_worker() -> bool {
    WORKED_FOR.get().is_some()
}

impl WorkerFunction<Reference, Reference> for Work {
    /// Has the worker called, unless the task has ended meanwhile.
    fn run(self, completer: Completer<Reference, Reference>, mut busy: Option<Box<dyn Busy>>) {
        let Self { task, worker } = self;
        completer.node().tell(Event::Called);
        if task.ask(false, |task| task.completion.take_from_waiting_worker()) != Ok(true) {
            drop(busy);
            completer.node().tell(Event::Returned);
            completer.complete_in_idle(Ok(None));
            return;
        }
        if let Some(busy) = &mut busy {
            busy.enter();
        }
        let working = Working {
            task,
            worker_ref: TaskRef::of_worker(task),
            completer,
            busy,
        };
        WORKED_FOR.set(Some(task));
        // Seldom written: so the variable stays where all read it.
        if !WAS_ANY.load(Ordering::Relaxed) {
            WAS_ANY.store(true, Ordering::Relaxed);
        }
        worker.ask_for_call(task, |end| working.ended(end));
    }

    fn refuse(self, completer: Completer<Reference, Reference>, error: io::Error) {
        completer.complete_in_idle(Err(Error::Spawn(error)));
    }
}

impl Working {
    /// It has ended so.
    fn ended(self, end: End) {
        WORKED_FOR.set(None);
        let Self {
            task,
            worker_ref,
            completer,
            busy,
        } = self;
        match end {
            End::Returned => {
                end_waits();
                drop(busy);
                completer.node().tell(Event::Returned);
                completer.complete_in_idle(task.inner_result(worker_ref).map_err(Error::Failed));
            }
            // Elsewhere: this thread is hardly one any more.
            End::WithThread { has_returned } => {
                drop_quietly(busy);
                runner::run_alone(runner::Job::End(Box::new(move || {
                    completer.node().tell(Event::Returned);
                    if has_returned {
                        completer
                            .complete_in_idle(task.inner_result(worker_ref).map_err(Error::Failed));
                    } else {
                        task.tell_group();
                        // First, for the task to be freed where its function is called.
                        drop(worker_ref);
                        completer.complete_in_idle(Err(Error::Abandoned));
                    }
                })));
            }
        }
    }
}
