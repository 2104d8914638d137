//! The worker threads.
//!
//! One [`Pool`] of this process: how its threads are started and named. The panic of a worker
//! itself is caught where that is called, in [`worker`](crate::task::worker); what is caught
//! here are those of destructors.

pub(crate) mod stack;
pub(crate) mod waits;

use std::{io, sync::Arc, thread};

use crate::{
    base::{
        pool::{self, Pool, StackSize, State},
        quietly::{drop_quietly, quietly},
        sync::{CachePadded, Condvar, Mutex, lock},
    },
    node::{node::NodeRef, withdrawn::Orphan},
};

/// What a worker thread is called that no named task runs in.
const NAME: &str = "qio-worker";

pub(crate) static POOL: CachePadded<Pool<Job>> = CachePadded(Pool {
    state: Mutex::new(State::EMPTY),
    woken: Condvar::new(),
    start_thread: |stack_size| {
        let thread = new_thread(NAME, stack_size);
        start(thread, move || serve(stack_size))
    },
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
            Self::Work(task) => task.run_worker(),
            Self::Forget(orphans) => drop(orphans),
            Self::Drop(result) => drop(result),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Work(task) => task.name(),
            Self::Forget(_) | Self::Drop(_) => None,
        }
    }

    fn refuse(self, error: io::Error) {
        match self {
            Self::Work(task) => task.refuse_worker(error),
            Self::Forget(_) => {}
            Self::Drop(result) => drop_quietly(result),
        }
    }
}

/// A thread of the library that has not started.
fn new_thread(name: &str, stack_size: StackSize) -> thread::Builder {
    let builder = thread::Builder::new().name(name.to_owned());
    builder.stack_size(stack::bytes(stack_size))
}

/// Starts a thread that nobody joins.
///
/// It does not end before it has been detached: glibc (2.36, for one) looks at a thread once
/// more after it has marked it as detached, and one that ends in this very moment has unmapped
/// its stack by then.
fn start(thread: thread::Builder, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let detached = Arc::new(Mutex::new(()));
    let until_detached = lock(&detached);
    let started = thread.spawn({
        let detached = detached.clone();
        move || {
            run();
            drop(lock(&detached));
        }
    });
    let started = started.map(drop);
    drop(until_detached);
    started
}

/// Queues `job` for a thread.
pub(crate) fn submit(job: Job) {
    POOL.0.submit(job);
}

/// Runs `job` in a thread of its own; with none to be had, in one of the others.
pub(crate) fn run_alone(job: Job) {
    use pool::Job as _;
    let thread = new_thread(job.name().unwrap_or(NAME), POOL.0.stack_size());
    // Taken by the thread; or back, when there is none.
    let job = Arc::new(Mutex::new(Some(job)));
    let started = {
        let job = job.clone();
        start(thread, move || {
            let job = lock(&job).take();
            quietly(|| job.map_or((), pool::Job::run));
        })
    };
    if started.is_err() {
        // Unlocked: those that are refused there, too, are foreign.
        let job = lock(&job).take();
        job.into_iter().for_each(submit);
    }
}

/// What each thread does, whose stack is of this size.
fn serve(stack_size: StackSize) {
    let run = |job: Job| {
        use pool::Job as _;
        let named = job.name().map(name_thread).is_some();
        // What is foreign in a job has been caught; its destructors have not.
        quietly(|| job.run());
        // They may have waited, too.
        waits::end_waits();
        if named {
            name_thread(NAME);
        }
    };
    waits::serving(
        || Box::new(POOL.0.block()),
        || POOL.0.serve(stack_size, run),
    );
}

/// Names this thread for the kernel, and so for debuggers and profilers.
fn name_thread(name: &str) {
    #[cfg(target_os = "linux")]
    {
        // The kernel keeps 15 bytes.
        let name: Vec<u8> = name.bytes().take(15).filter(|byte| *byte != 0).collect();
        if let Ok(name) = std::ffi::CString::new(name) {
            let _ = rustix::thread::set_name(&name);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = name;
}
