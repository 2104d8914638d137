//! The settings of the worker threads, of which there is one set in a process.

use std::{num::NonZero, time::Duration};

use crate::node::runner::{POOL, stack};

/// Sets how many worker threads there may be in this process.
///
/// It is 512 unless this is called: as many calls that block may be under way
/// at once, and a process that starts more has rather lost count of them. A
/// thread that sleeps costs some ten kilobytes. When as many are busy, tasks
/// wait for one: those of a higher
/// [`priority`](crate::Builder::priority) have it first, equals in order.
///
/// A thread whose worker waits for another task, in
/// [`Running::wait`](crate::Running::wait) or for a
/// [`TaskFuture`](crate::TaskFuture) that it has polled, does not count, nor
/// does one of [`Builder::dedicated_thread`](crate::Builder::dedicated_thread). Threads
/// that are above a lowered maximum go as they finish, idle ones at once.
///
/// Beside them there is one thread that starts the others, from the first worker on until
/// the process ends. It sleeps.
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
