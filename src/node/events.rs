//! What the core tells those who look at tasks, and nobody else does: of them it knows none.
//!
//! While nobody looks, each event costs a look at one variable.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    Error,
    base::state::{Interrupt, Verdict},
};

/// What happens to a task.
#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "what is said of it `tracing` alone tells")]
pub(crate) enum Event {
    /// It was made.
    Made,
    /// It was handed to the loop.
    Driven,
    /// It waits for a thread.
    Waiting,
    /// It waits for a place in its groups, before a thread.
    Limited,
    /// Its worker is being called.
    Called,
    /// Its worker has returned.
    Returned,
    /// Its completer ends it.
    Completed { failed: bool },
    /// It was ended from outside.
    Interrupted(Interrupt),
    /// Its delivery is queued.
    Queued,
    /// Another thread than its own iterates its context, and can't deliver or drive it.
    PassedOver,
    /// Somebody has waited for its worker, and delivers it.
    WaitedFor,
    /// Its callback is being called.
    Delivered(Verdict),
    /// Its callback is dropped, uncalled.
    Dropped,
}

/// What a thread does for a task.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Activity {
    /// It calls the worker.
    Works,
    /// It calls the function of a task that the loop drives.
    Steps,
    /// It calls the callback, with this outcome.
    Delivers(&'static str),
}

/// What a worker waits for that runs already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WaitsFor {
    /// A place in its groups, which it has lent.
    Place,
    /// Room among messages, which are bounded.
    #[allow(dead_code, reason = "to come")]
    Room,
}

/// A thread is busy for a task, for as long as this is kept.
pub(crate) trait Busy {
    /// From here on foreign code runs.
    fn enter(&mut self);
}

/// Somebody who looks at tasks.
pub(crate) trait Observer: Send + Sync {
    fn tell(&self, task: u64, name: Option<&str>, event: Event);

    /// `None` where nothing is known of the task.
    fn begin(&self, task: u64, activity: Activity) -> Option<Box<dyn Busy>>;

    /// The worker that runs on this thread waits for that; or for nothing more.
    fn waits(&self, waits_for: Option<WaitsFor>);

    /// The context at this address has died: another one may have the address.
    fn context_died(&self, context: usize);

    /// The main thread ends.
    fn exit(&self);
}

static OBSERVER: OnceLock<&'static dyn Observer> = OnceLock::new();

/// Whether the observer knows any task.
static KNOWS_ANY: AtomicBool = AtomicBool::new(false);

/// Lets somebody look; there is one in a process.
pub(crate) fn let_in(observer: &'static dyn Observer) {
    // The same one every time.
    let _ = OBSERVER.set(observer);
}

/// Whether the observer knows any task from now on.
pub(crate) fn set_knows_any(knows_any: bool) {
    // ORDERING: who tells of a task has it from the one that made it known.
    KNOWS_ANY.store(knows_any, Ordering::Relaxed);
}

/// Who is to be told of a task, if anybody is.
#[inline]
pub(crate) fn observer() -> Option<&'static dyn Observer> {
    #[cfg(feature = "tracing")]
    let wants_all = tracing::level_enabled!(tracing::Level::TRACE);
    #[cfg(not(feature = "tracing"))]
    let wants_all = false;
    if KNOWS_ANY.load(Ordering::Relaxed) || wants_all {
        OBSERVER.get().copied()
    } else {
        None
    }
}

/// Tells that this thread is busy for a task, if anybody is to be told.
#[inline]
pub(crate) fn begin(task: u64, activity: Activity) -> Option<Box<dyn Busy>> {
    observer().and_then(|observer| observer.begin(task, activity))
}

/// Calls `wait`, which blocks the worker of this thread, if one runs here.
pub(crate) fn waiting_for<R>(waits_for: WaitsFor, wait: impl FnOnce() -> R) -> R {
    let Some(observer) = observer() else {
        return wait();
    };
    observer.waits(Some(waits_for));
    let result = wait();
    observer.waits(None);
    result
}

/// Tells that a context has died.
pub(crate) fn context_died(context: usize) {
    if let Some(observer) = observer() {
        observer.context_died(context);
    }
}

/// Tells that the main thread ends.
pub(crate) fn exit() {
    if let Some(observer) = OBSERVER.get() {
        observer.exit();
    }
}

/// How a task has ended, in a word or two.
pub(crate) fn outcome<T, E>(result: &Result<T, Error<E>>) -> &'static str {
    match result {
        Ok(_) => "completed",
        Err(Error::Failed(_)) => "failed",
        Err(Error::Cancelled) => "cancelled",
        Err(Error::TimedOut) => "timed out",
        Err(Error::Abandoned) => "abandoned",
        Err(Error::Panicked(_)) => "panicked",
        Err(Error::Spawn(_)) => "refused",
    }
}
