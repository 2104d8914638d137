//! What is free of GLib.

/// Values on their way from many threads to one receiver, no more than a bound.
pub(crate) mod bounded;
/// Whether a thread may be cancelled.
#[cfg(feature = "capi")]
pub(crate) mod cancellation;
/// How long foreign code takes: what is too short for a system call has made none.
pub(crate) mod foreign;
/// Whether this thread is all that is left: of the process that made tasks, by a fork; of this
/// one, as it ends.
pub(crate) mod fork;
/// How many jobs of a group may be at work, and those that wait for that.
pub(crate) mod limits;
/// Durations in the milliseconds in which GLib counts.
pub(crate) mod milliseconds;
/// How often something may be called.
pub(crate) mod pace;
/// Where threads sleep until something changes.
mod parking;
/// The queue of jobs, and how many worker threads there are; [`runner`](crate::node::runner)
/// starts them.
pub(crate) mod pool;
/// Foreign code where nobody is to hear of its panics.
pub(crate) mod quietly;
/// Which signals the library's threads leave to the program.
pub(crate) mod signals;
/// The thread that starts the others, and how it is asked.
pub(crate) mod starter;
/// How a task stands: what decides between its completer, its cancellation and its timeout. A
/// thread that waits for a task sleeps here.
pub(crate) mod state;
/// A library that came with a plug-in stays.
pub(crate) mod stay_loaded;
/// Locks, and what else threads share.
pub(crate) mod sync;
/// This thread, as the system has it.
pub(crate) mod this_thread;
/// Whether a time has come, asked after each of many short calls.
pub(crate) mod until;
/// The jobs of the pool that wait for a thread, by priority.
mod waiting;
/// Where a future keeps its waker, for another thread to wake.
pub(crate) mod wake_slot;

/// What GLib's log calls this library.
pub(crate) const G_LOG_DOMAIN: &str = "qio-task";

/// What has held more than this gives its memory back when it is empty.
pub(crate) const FLOOD: usize = 1 << 16;
