//! The worker threads.
//!
//! One [`Pool`] of this process, and what its threads do. The panic of a worker
//! itself is caught where that is called, in [`worker`](crate::task::worker); what is caught
//! here are those of destructors.

mod name;
mod neutral;
pub(crate) mod stack;
mod thread;
pub(crate) mod waits;

use std::{io, ops::ControlFlow, sync::Arc};

use glib::{Priority, translate::IntoGlib};

use crate::{
    base::{
        foreign,
        pool::{self, Pool, StackSize, State},
        quietly::{drop_quietly, quietly},
        sync::{CachePadded, Condvar, Mutex, lock},
    },
    node::{events, node::NodeRef, withdrawn::Orphan},
};
use name::NAME;
use neutral::Neutral;
use thread::Thread;

pub(crate) static POOL: CachePadded<Pool<Job>> = CachePadded(Pool {
    state: Mutex::new(State::EMPTY),
    woken: Condvar::new(),
    start_thread: |stack_size| Thread::new(NAME, stack_size, move || serve(stack_size)).start(),
});

/// What a worker thread does.
pub(crate) enum Job {
    /// Calls the worker of this task.
    Work(NodeRef),
    /// Drops what the thread of some tasks has left, as it ended.
    Forget(Box<[Orphan]>),
    /// Drops a result that nobody wants any more.
    Drop(Box<dyn Send>),
}

impl pool::Job for Job {
    fn run(self) {
        match self {
            Self::Work(task) => {
                // What these are told or have attached is foreign, besides the worker.
                if task.extra().is_some() || events::observer().is_some() {
                    foreign::untimed();
                }
                task.run_worker();
            }
            Self::Forget(orphans) => {
                foreign::untimed();
                drop(orphans);
            }
            Self::Drop(result) => {
                foreign::untimed();
                drop(result);
            }
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Work(task) => task.name(),
            Self::Forget(_) | Self::Drop(_) => None,
        }
    }

    fn priority(&self) -> i32 {
        let priority = match self {
            Self::Work(task) => task.level.priority(),
            Self::Forget(_) | Self::Drop(_) => Priority::DEFAULT_IDLE,
        };
        priority.into_glib()
    }

    fn refuse(self, error: io::Error) {
        match self {
            Self::Work(task) => task.refuse_worker(error),
            Self::Forget(_) => {}
            Self::Drop(result) => drop_quietly(result),
        }
    }
}

/// Queues `job` for a thread.
pub(crate) fn submit(job: Job) {
    POOL.0.submit(job);
}

/// Runs `job` in a thread of its own; with none to be had, in one of the others.
pub(crate) fn run_alone(job: Job) {
    use pool::Job as _;
    let name = job.name().unwrap_or(NAME).to_owned();
    // Taken by the thread; or back, when there is none.
    let job = Arc::new(Mutex::new(Some(job)));
    let started = {
        let job = job.clone();
        let run = move || {
            let job = lock(&job).take();
            quietly(|| job.map_or((), pool::Job::run));
        };
        Thread::new(&name, POOL.0.stack_size(), run).start()
    };
    if started.is_err() {
        // Unlocked: those that are refused there, too, are foreign.
        let job = lock(&job).take();
        job.into_iter().for_each(submit);
    }
}

/// What each thread does, whose stack is of this size.
fn serve(stack_size: StackSize) {
    thread::set_fresh(true);
    let neutral = Neutral::here();
    let run = |job: Job| {
        use pool::Job as _;
        thread::set_fresh(false);
        if let Some(name) = job.name() {
            name::set(name);
        }
        // What is foreign in a job has been caught; its destructors have not.
        quietly(|| job.run());
        // They may have waited, too.
        waits::end_waits();
        if neutral.restore() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    };
    waits::serving(
        || Box::new(POOL.0.block()),
        || POOL.0.serve(stack_size, run),
    );
}
