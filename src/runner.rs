//! The worker threads.
//!
//! One [`Pool`] of this process: its settings, how its threads are started and
//! named, and what keeps foreign panics from them.

mod stack;
mod waits;

use std::{
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::Duration,
};

#[cfg(feature = "capi")]
pub(crate) use stack::checked as checked_stack_size;
pub(crate) use waits::{Wait, blocking, end_waits};

use crate::{
    Apart,
    base::pool::{self, Pool, StackSize, State},
    node::{header::Left, node::NodeRef},
    sync::{Condvar, Mutex, lock},
};

/// What a worker thread is called that no named task runs in.
const NAME: &str = "qio-worker";

static POOL: Apart<Pool<Job>> = Apart(Pool {
    state: Mutex::new(State::EMPTY),
    woken: Condvar::new(),
    start_thread: |stack_size| {
        let builder = new_thread(NAME, stack_size);
        builder.spawn(move || serve(stack_size)).map(drop)
    },
});

/// Sets how many worker threads there may be in this process.
///
/// It is 512 unless this is called: as many calls that block may be under way
/// at once, and a process that starts more has rather lost count of them. A
/// thread that sleeps costs some ten kilobytes. When as many are busy, tasks
/// wait for one in order.
///
/// A thread whose worker waits for another task, in
/// [`Running::wait`](crate::Running::wait) or for a
/// [`TaskFuture`](crate::TaskFuture) that it has polled, does not count, nor
/// does one of [`Builder::dedicated_thread`](crate::Builder::dedicated_thread). Threads
/// that are above a lowered maximum go as they finish, idle ones at once.
///
/// As `g_thread_pool_set_max_threads` does for a pool of GLib.
#[doc(alias = "g_thread_pool_set_max_threads")]
pub fn set_max_threads(max: NonZero<usize>) {
    POOL.0.set_max_threads(max);
}

/// How many worker threads there may be in this process: 512 unless
/// [`set_max_threads`] was called.
#[doc(alias = "g_thread_pool_get_max_threads")]
pub fn max_threads() -> NonZero<usize> {
    POOL.0.max_threads()
}

/// Sets how long a worker thread without a task stays.
///
/// It is five seconds unless this is called: longer than the pauses within one
/// user's action, so that no thread is started twice for it, and shorter than
/// those between two. A thread that stays sleeps, and costs no processor time.
/// With [`Duration::ZERO`] none stays, with [`Duration::MAX`] all do.
///
/// It holds at once, for threads that stay already too. GLib's own threads
/// have `g_thread_pool_set_max_idle_time`, in milliseconds, and 15 seconds.
#[doc(alias = "g_thread_pool_set_max_idle_time")]
pub fn set_max_idle_time(time: Duration) {
    POOL.0.set_max_idle_time(time);
}

/// How long a worker thread without a task stays: five seconds unless
/// [`set_max_idle_time`] was called.
#[doc(alias = "g_thread_pool_get_max_idle_time")]
pub fn max_idle_time() -> Duration {
    POOL.0.max_idle_time()
}

/// What a worker thread does.
pub(crate) enum Job {
    /// Calls the worker of this task.
    Work(NodeRef),
    /// Drops what the thread of some tasks has left, as it ended.
    Forget(Vec<Left>),
}

impl pool::Job for Job {
    fn run(self) {
        match self {
            Self::Work(task) => task.run_worker(),
            Self::Forget(left) => drop(left),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Work(task) => task.name(),
            Self::Forget(_) => None,
        }
    }

    fn refuse(self, error: io::Error) {
        match self {
            Self::Work(task) => task.refuse_worker(error),
            Self::Forget(_) => {}
        }
    }
}

/// Sets how large the stacks of worker threads are, in bytes.
///
/// Unless this is called they are what the platform gives a thread: the soft limit
/// of the process (`ulimit -s`, `RLIMIT_STACK`), mostly 8 MiB, and 8 MiB where that
/// is unlimited; or what `RUST_MIN_STACK` asks for, if that is more. A stack costs
/// address space, and of memory only what is used of it.
///
/// It holds for every worker that starts from now on, in a thread of its own
/// ([`Builder::dedicated_thread`](crate::Builder::dedicated_thread)) too: threads
/// with another stack go as they finish, idle ones at once.
///
/// # Panics
///
/// Panics with less than 64 KiB, with which a worker can hardly call anything, and with
/// more than 1 TiB (on systems of 32 bits 1 GiB), which no thread could have. What is
/// between, and still more than the system has, is [`Error::Spawn`](crate::Error::Spawn).
#[doc(alias = "qio_task_set_stack_size")]
#[doc(alias = "pthread_attr_setstacksize")]
#[track_caller]
pub fn set_stack_size(bytes: usize) {
    match stack::checked(bytes) {
        Ok(size) => POOL.0.set_stack_size(Some(size)),
        Err(assertion) => panic!("the stack of a thread can't have {bytes} bytes: {assertion}"),
    }
}

/// How large the stacks of worker threads are, in bytes: what the platform gives
/// a thread, unless [`set_stack_size`] was called.
#[doc(alias = "qio_task_get_stack_size")]
#[doc(alias = "pthread_attr_getstacksize")]
pub fn stack_size() -> usize {
    stack::bytes(POOL.0.stack_size())
}

/// A thread of the library that has not started.
fn new_thread(name: &str, stack_size: StackSize) -> thread::Builder {
    let builder = thread::Builder::new().name(name.to_owned());
    builder.stack_size(stack::bytes(stack_size))
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
        thread.spawn(move || {
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
        end_waits();
        if named {
            name_thread(NAME);
        }
    };
    waits::serving(|| POOL.0.serve(stack_size, run));
}

/// Drops what is not ours, which may panic as it goes.
pub(crate) fn drop_quietly(value: impl Sized) {
    quietly(|| drop(value));
}

/// Runs what is not ours where nobody is to hear of its panics.
pub(crate) fn quietly(f: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(f))
        // What it panicked with has a destructor, too.
        && let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic)))
    {
        std::mem::forget(panic);
    }
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
