//! [`Settlement`]: the [`State`] of a task where any thread settles it, or
//! waits until it is settled. Free of GLib and of the task's types.

use crate::{
    state::{Interrupt, State, Verdict},
    sync::{AtomicBool, Condvar, Instant, Mutex, MutexGuard, Ordering, PoisonError, lock},
};

/// See the module's documentation. What the completer leaves for the callback
/// is an `L`.
pub(crate) struct Settlement<L> {
    guarded: Mutex<Guarded<L>>,
    /// Signalled, when somebody waits, as the worker ends and as the callback has run.
    changed: Condvar,
    /// What the worker asks; beside the state because it asks often.
    interrupted: AtomicBool,
    /// Whether what was sent is not wanted any more.
    taken_back: AtomicBool,
}

struct Guarded<L> {
    state: State,
    /// What the completer has left, until it is delivered.
    left: Option<L>,
    waiting: bool,
    /// The callback has returned, or was dropped with its context.
    finished: bool,
}

impl<L> Settlement<L> {
    pub(crate) fn new(check_cancellable: bool) -> Self {
        Self {
            guarded: Mutex::new(Guarded {
                state: State::new(check_cancellable),
                left: None,
                waiting: false,
                finished: false,
            }),
            changed: Condvar::new(),
            interrupted: AtomicBool::new(false),
            taken_back: AtomicBool::new(false),
        }
    }

    fn guarded(&self) -> MutexGuard<'_, Guarded<L>> {
        lock(&self.guarded)
    }

    /// Changes the state, and wakes who waits for a change.
    fn change<R>(&self, change: impl FnOnce(&mut Guarded<L>) -> R) -> R {
        let mut guarded = self.guarded();
        let result = change(&mut guarded);
        if guarded.waiting {
            self.changed.notify_all();
        }
        result
    }

    /// Blocks until `condition` holds, or until the instant `until`.
    fn wait_until(&self, until: Option<Instant>, condition: impl Fn(&Guarded<L>) -> bool) {
        let mut guarded = self.guarded();
        while !condition(&guarded) {
            guarded.waiting = true;
            guarded = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self
                    .changed
                    .wait(guarded)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return,
                Some(left) => {
                    let waited = self.changed.wait_timeout(guarded, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The completer ends with `left`. Says whether a delivery has to be sent.
    pub(crate) fn complete(&self, success: bool, left: L) -> bool {
        self.change(|guarded| {
            guarded.left = Some(left);
            guarded.state.complete(success)
        })
    }

    /// Ends the task from outside. Says whether a delivery has to be sent.
    pub(crate) fn interrupt(&self, why: Interrupt) -> bool {
        self.change(|guarded| {
            if !guarded.state.is_taken() {
                // ORDERING: only a hint for the worker; nothing is read through it.
                self.interrupted.store(true, Ordering::Relaxed);
            }
            guarded.state.interrupt(why)
        })
    }

    /// A delivery has arrived: what is decided, unless that has been delivered,
    /// and what the completer has left by now.
    pub(crate) fn take(&self) -> (Option<Verdict>, Option<L>) {
        let mut guarded = self.guarded();
        let verdict = guarded.state.take();
        (verdict, guarded.left.take())
    }

    /// The callback has returned.
    pub(crate) fn finish(&self) {
        self.change(|guarded| guarded.finished = true);
    }

    /// The callback was dropped with its context, uncalled. Hands back what
    /// was left for it, to be dropped.
    #[must_use]
    pub(crate) fn bury(&self) -> Option<L> {
        self.interrupted.store(true, Ordering::Relaxed);
        self.change(|guarded| {
            guarded.state.bury();
            guarded.finished = true;
            guarded.left.take()
        })
    }

    /// Takes back what has been sent, or is about to be, after its delivery was
    /// done otherwise. Says whether that can be: not while the completer may
    /// still send something that has to be dropped at home.
    pub(crate) fn take_back(&self) -> bool {
        let guarded = self.guarded();
        let (state, left) = (&guarded.state, &guarded.left);
        let can_be = state.is_taken() && state.is_worker_over() && left.is_none();
        if can_be {
            // ORDERING: who sends asks with the level locked, and who takes back
            // looks through the level afterwards.
            self.taken_back.store(true, Ordering::Relaxed);
        }
        can_be
    }

    /// Whether what is about to be sent has been taken back.
    pub(crate) fn is_taken_back(&self) -> bool {
        self.taken_back.load(Ordering::Relaxed)
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.guarded().finished
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Whether the task has been interrupted, for who has just published
    /// something that an interrupt looks for afterwards: one of the two sees
    /// the other.
    pub(crate) fn was_interrupted(&self) -> bool {
        // ORDERING: an interrupt passes the lock either before this, and its
        // flag is seen here, or after it, and it sees what was published.
        drop(self.guarded());
        self.is_interrupted()
    }

    pub(crate) fn start_worker(&self) -> bool {
        self.change(|guarded| guarded.state.start_worker())
    }

    /// Blocks until the worker has returned or will never run, or until the
    /// callback has run, but not beyond the instant `until`.
    pub(crate) fn wait_for_worker(&self, until: Option<Instant>) {
        self.wait_until(until, |guarded| {
            guarded.finished || guarded.state.is_worker_over()
        });
    }

    /// Blocks until the callback has run, but not beyond the instant `until`.
    pub(crate) fn wait_for_callback(&self, until: Option<Instant>) {
        self.wait_until(until, |guarded| guarded.finished);
    }
}
