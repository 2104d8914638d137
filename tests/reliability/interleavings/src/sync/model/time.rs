//! Time that stands still unless a thread lets it [pass], and a condition
//! variable whose waits end as it does. (With one of loom they never end.)

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, LockResult},
    time::Duration,
};

use loom::sync::atomic::{AtomicUsize, Ordering};

use super::mutex::{MutexGuard, Turn};

/// Longer than anything in a scenario takes, unless time passes.
pub(crate) const LONG: Duration = Duration::from_secs(5);

loom::lazy_static! {
    /// Touched with `NOW`: so loom knows whose order matters.
    static ref CLOCK: AtomicUsize = AtomicUsize::new(0);
}

// The threads of loom are all on one thread: these are the whole scenario's.
thread_local! {
    static NOW: Cell<Instant> = const { Cell::new(Instant(Duration::ZERO)) };
    static SLEEPERS: RefCell<Vec<Sleeper>> = const { RefCell::new(Vec::new()) };
}

/// A thread that waits for some time, or is about to.
#[derive(Clone)]
struct Sleeper {
    until: Instant,
    condvar: Arc<loom::sync::Condvar>,
    turn: Arc<Turn>,
}

/// Starts the clock anew. While there is one thread: it is no part of the scenario.
pub(super) fn start() {
    SLEEPERS.take();
    NOW.set(Instant(Duration::ZERO));
    Instant::now();
}

/// Lets `time` pass, and ends the waits that last no longer.
pub(crate) fn pass(time: Duration) {
    CLOCK.fetch_add(1, Ordering::SeqCst);
    let now = Instant(NOW.get().0 + time);
    NOW.set(now);
    let mut due = SLEEPERS.with_borrow(Clone::clone);
    due.retain(|sleeper| sleeper.until <= now);
    for sleeper in due {
        // Who was about to wait, and holds this, does so now.
        drop(sleeper.turn.lock());
        sleeper.condvar.notify_all();
    }
}

/// An instant of that clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(Duration);

impl Instant {
    pub(crate) fn now() -> Self {
        CLOCK.load(Ordering::SeqCst);
        NOW.get()
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Self::now().saturating_duration_since(*self)
    }

    pub(crate) fn saturating_duration_since(&self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn checked_add(&self, time: Duration) -> Option<Self> {
        self.0.checked_add(time).map(Self)
    }
}

/// See the module's documentation.
pub(crate) struct Condvar(Arc<loom::sync::Condvar>);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(Arc::new(loom::sync::Condvar::new()))
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(guard.wait(&self.0))
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, ())> {
        // The caller has just looked at the clock, and nobody else ran since.
        let Some(until) = NOW.get().checked_add(time) else {
            return Ok((guard.wait(&self.0), ()));
        };
        let sleeper = Sleeper {
            until,
            condvar: self.0.clone(),
            turn: guard.turn(),
        };
        SLEEPERS.with_borrow_mut(|sleepers| sleepers.push(sleeper.clone()));
        let guard = guard.wait(&self.0);
        SLEEPERS.with_borrow_mut(|sleepers| {
            // Or another that is like this one.
            if let Some(index) = sleepers.iter().position(|other| other.is_like(&sleeper)) {
                sleepers.swap_remove(index);
            }
        });
        Ok((guard, ()))
    }
}

impl Sleeper {
    fn is_like(&self, other: &Self) -> bool {
        self.until == other.until && Arc::ptr_eq(&self.condvar, &other.condvar)
    }
}
