//! The settings of the worker threads and of the main contexts, of which there is one set in
//! a process.

use std::{num::NonZero, time::Duration};

use crate::{
    base::fork,
    context::delay,
    node::runner::{POOL, stack},
};

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
#[track_caller]
pub fn set_max_threads(max: NonZero<usize>) {
    fork::refuse_child();
    POOL.0.set_max_threads(max);
}

/// How many worker threads there may be in this process: 512 unless
/// [`set_max_threads`] was called.
#[doc(alias = "g_thread_pool_get_max_threads")]
#[track_caller]
pub fn max_threads() -> NonZero<usize> {
    fork::refuse_child();
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
#[track_caller]
pub fn set_max_idle_time(time: Duration) {
    fork::refuse_child();
    POOL.0.set_max_idle_time(time);
}

/// How long a worker thread without a task stays: five seconds unless
/// [`set_max_idle_time`] was called.
#[doc(alias = "g_thread_pool_get_max_idle_time")]
#[track_caller]
pub fn max_idle_time() -> Duration {
    fork::refuse_child();
    POOL.0.max_idle_time()
}

/// Sets how large the stacks of worker threads are, in bytes.
///
/// Unless this is called they are as large as that of the main thread: on Unix the soft
/// limit of the process (`ulimit -s`, `RLIMIT_STACK`), mostly 8 MiB, and 8 MiB where that
/// is unlimited (of glibc that is what any thread has, elsewhere others have less); on Windows what the linker of the program was told, a megabyte or two
/// unless it was told anything; or what `RUST_MIN_STACK` asks for, if that is more. A stack
/// costs address space, and of memory only what is used of it.
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
    fork::refuse_child();
    POOL.0.set_stack_size(Some(stack::expect(bytes)));
}

/// How large the stacks of worker threads are, in bytes: as large as the main thread's may
/// be, unless [`set_stack_size`] was called.
#[doc(alias = "qio_task_get_stack_size")]
#[doc(alias = "pthread_attr_getstacksize")]
#[track_caller]
pub fn stack_size() -> usize {
    fork::refuse_child();
    stack::bytes(POOL.0.stack_size())
}

/// Sets for how long what is due on a main context may have no turn.
///
/// Results come at the priority of their task, by default 200, which is below input and drawing.
/// A loop that never rests at a higher priority (a timer of 0 ms, frames that take longer than
/// there is between them) would never come to them. So what has had no turn for this long, 100 ms
/// unless this is called, gets one at `G_PRIORITY_DEFAULT`: for about 2 ms, in order. What has
/// its turns at its own priority is not hastened.
///
/// With [`Duration::MAX`] nothing ever is; with [`Duration::ZERO`] everything is, whatever its
/// priority. It holds at once, for all contexts. It costs no thread, no timer, and nothing while
/// nothing is due. What always has a higher priority than `G_PRIORITY_DEFAULT` still comes first.
///
/// GLib has nothing like it: a source of a lower priority waits for as long as it takes.
#[doc(alias = "qio_task_set_max_delay")]
#[track_caller]
pub fn set_max_delay(delay: Duration) {
    fork::refuse_child();
    delay::set_max(delay);
}

/// For how long what is due on a main context may have no turn: 100 ms unless
/// [`set_max_delay`] was called.
#[doc(alias = "qio_task_get_max_delay")]
#[track_caller]
pub fn max_delay() -> Duration {
    fork::refuse_child();
    delay::max()
}
