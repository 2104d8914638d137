//! [`State`]: the once-only machine of a task, free of GLib and of the task's types.
//!
//! Two sides decide how a task ends: its *completer* (the `QioTask` or the worker that
//! consumed it), exactly once, and *interrupts* (a cancellable, a timeout, a handle), at
//! any time. Its callback is *taken* once, by whoever runs it. Beside it lie two slots,
//! for the worker's function and for the result; the machine says at each moment who may
//! touch them. All of it is one word, so that each change is one step.

use std::{
    sync::Arc,
    task::{Poll, Waker},
};

use super::{
    foreign,
    parking::parking,
    sync::{AtomicU32, Instant, Ordering, PoisonError, lock},
    wake_slot::WakeSlot,
};

/// Why a task was ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    Cancelled,
    TimedOut,
}

/// What the callback is to be called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// What the completer has left.
    Completed,
    /// The interrupt; what the completer left or leaves is not wanted.
    Interrupted(Interrupt),
}

/// What the caller of [`State::interrupt`] has to do afterwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interrupted {
    /// A delivery has to be sent.
    pub(crate) send: bool,
    /// The worker never will run: its function is the caller's, to be dropped.
    pub(crate) drop_worker: bool,
}

/// What the completer has to do after [`State::complete`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Completed {
    /// To send a delivery.
    Wanted,
    /// To drop its result, which is not wanted, to [end](State::end_late), and to send a delivery.
    Superseded,
    /// To drop its result, and to end.
    Late,
}

/// What becomes of a worker that was to be submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Submitted {
    /// It waits for a thread.
    Waits,
    /// The task has ended before. The function is the caller's.
    Late,
    /// The task ends now: a delivery has to be sent, too.
    Superseded,
}

/// What a task says of itself from the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// A success does not give way to an interrupt.
    pub(crate) keeps_success: bool,
    /// An interrupt waits until the completer has ended, unless its worker has not started.
    pub(crate) returns_first: bool,
}

/// The callback is the caller's, and so is the result, if there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) verdict: Verdict,
    pub(crate) has_result: bool,
}

impl Taken {
    /// Of the state `word`; `None` unless the task is decided, and its callback there.
    fn new(word: u32) -> Option<Self> {
        let verdict = match word & PHASE {
            OPEN | TAKEN => return None,
            CANCELLED => Verdict::Interrupted(Interrupt::Cancelled),
            TIMED_OUT => Verdict::Interrupted(Interrupt::TimedOut),
            _ => Verdict::Completed,
        };
        Some(Self {
            verdict,
            has_result: word & HAS_RESULT != 0,
        })
    }
}

/// The callback was not called and never will be: what else is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leftover {
    pub(crate) has_result: bool,
    pub(crate) has_worker: bool,
}

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct State(AtomicU32);

// How the task stands: one of these.
const PHASE: u32 = 0b111;
/// Nothing has been decided. The completer has not ended.
const OPEN: u32 = 0;
/// Decided by the completer, with a success. It may still give way to an interrupt.
const SUCCEEDED: u32 = 1;
/// Decided by the completer, with an error.
const FAILED: u32 = 2;
/// Decided from outside. The completer may have ended or not.
const CANCELLED: u32 = 3;
const TIMED_OUT: u32 = 4;
/// The callback was taken: nothing is decided any more.
const TAKEN: u32 = 5;

// Where its worker is: one of these.
const WORKER: u32 = 0b11 << 3;
/// Nowhere yet: whoever holds the task may complete it by hand.
const BY_HAND: u32 = 0;
/// It waits for a thread. Its function lies in its slot.
const WAITING: u32 = 1 << 3;
/// Its function is being called.
const RUNNING: u32 = 2 << 3;
/// Its function has returned, or never will be called; or the completer was no worker.
const OVER: u32 = 3 << 3;

// What else there is.
/// The slot of the result is filled, for who takes the callback or the result.
const HAS_RESULT: u32 = 1 << 5;
/// A delivery was sent, or is about to be.
const IS_SENT: u32 = 1 << 6;
/// That delivery is not wanted any more.
const IS_TAKEN_BACK: u32 = 1 << 7;
/// The callback has returned, or never will be called.
const IS_FINISHED: u32 = 1 << 8;
/// A thread sleeps until this changes.
const IS_WAITED_FOR: u32 = 1 << 9;
/// It was ended from outside: what the worker asks.
const IS_INTERRUPTED: u32 = 1 << 10;
/// A success does not give way to an interrupt.
const KEEPS_SUCCESS: u32 = 1 << 11;
/// Somebody is to be woken as this changes.
const HAS_WAKER: u32 = 1 << 12;
/// An interrupt does not decide before the completer has ended, once its worker has started.
const RETURNS_FIRST: u32 = 1 << 13;
/// The worker is past the point of no return: no interrupt counts.
const IS_COMMITTED: u32 = 1 << 14;

/// Where the phase is kept that comes when the completer ends, whatever it leaves; `OPEN` for none.
const WILL_BE: u32 = 15;

impl State {
    pub(crate) fn new(traits: Traits) -> Self {
        let keeps_success = u32::from(traits.keeps_success) * KEEPS_SUCCESS;
        let returns_first = u32::from(traits.returns_first) * RETURNS_FIRST;
        Self(AtomicU32::new(keeps_success | returns_first))
    }

    fn load(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    /// Changes the word in one step, unless `change` says that there is nothing to do.
    /// Wakes those who sleep until it changes. Returns what it was before.
    fn change(&self, change: impl Fn(u32) -> Option<u32>) -> Result<u32, u32> {
        // ORDERING: releases what was written to a slot before, and acquires what others
        // have written, who have changed this before.
        let changed = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, change);
        if let Ok(before) = changed
            && before & (IS_WAITED_FOR | HAS_WAKER) != 0
        {
            self.wake();
        }
        changed
    }

    /// Has those who wait look again.
    #[cold]
    pub(crate) fn wake(&self) {
        let (slots, woken) = parking(self.address());
        // Who is about to sleep holds this lock from its last look on.
        let mut slots = lock(slots);
        let address = self.address();
        let own: Vec<_> = slots.extract_if(.., |(of, _)| *of == address).collect();
        drop(slots);
        woken.notify_all();
        // Unlocked: they are foreign code.
        if !own.is_empty() {
            foreign::untimed();
        }
        for (_, slot) in own {
            slot.wake();
        }
    }

    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The completer ends, with a success or not; it has filled the slot of the result.
    pub(crate) fn complete(&self, success: bool) -> Completed {
        let phase = if success { SUCCEEDED } else { FAILED };
        let before = self.change(|word| {
            let decided = match will_be(word) {
                Some(phase) => decided(word, phase),
                None => decided(word & !WORKER, phase) | OVER | HAS_RESULT,
            };
            (word & PHASE == OPEN).then_some(decided)
        });
        match before {
            Ok(word) if will_be(word).is_some() => Completed::Superseded,
            Ok(_) => Completed::Wanted,
            Err(_) => Completed::Late,
        }
    }

    /// The task was ended before its completer, who has dropped the late result. Only this
    /// lets [`wait_for_worker`](Self::wait_for_worker) return, so the drop comes before.
    pub(crate) fn end_late(&self) {
        let _ = self.change(|word| Some(word & !WORKER | OVER));
    }

    /// The context is dead, and could not be sent to: whether the result is still there.
    /// Then it is the caller's again.
    pub(crate) fn take_result(&self) -> bool {
        self.change(|word| (word & HAS_RESULT != 0).then_some(word & !HAS_RESULT))
            .is_ok()
    }

    /// Ends the task from outside, unless it is too late.
    pub(crate) fn interrupt(&self, why: Interrupt) -> Interrupted {
        let phase = match why {
            Interrupt::Cancelled => CANCELLED,
            Interrupt::TimedOut => TIMED_OUT,
        };
        let before = self.change(|word| match word & PHASE {
            TAKEN => None,
            _ if word & IS_COMMITTED != 0 => None,
            OPEN if returns_first(word) => {
                // The first one counts.
                let first = will_be(word).unwrap_or(phase);
                Some(word | first << WILL_BE | IS_INTERRUPTED)
            }
            OPEN => Some(decided(unstarted(word), phase) | IS_INTERRUPTED),
            SUCCEEDED if word & KEEPS_SUCCESS == 0 => Some(word & !PHASE | phase | IS_INTERRUPTED),
            _ => Some(word | IS_INTERRUPTED),
        });
        match before {
            Ok(word) if word & PHASE == OPEN && !returns_first(word) => Interrupted {
                send: true,
                drop_worker: word & WORKER == WAITING,
            },
            _ => Interrupted::default(),
        }
    }

    /// Takes the callback, if the task is decided and nobody has taken it.
    pub(crate) fn take(&self) -> Option<Taken> {
        let before = self.change(|word| {
            let decided = Taken::new(word);
            decided.map(|_| word & !(PHASE | HAS_RESULT) | TAKEN)
        });
        before.ok().and_then(Taken::new)
    }

    /// What [`take`](Self::take) would return.
    pub(crate) fn verdict(&self) -> Option<Taken> {
        Taken::new(self.load())
    }

    /// The callback has returned.
    pub(crate) fn finish(&self) {
        let _ = self.change(|word| Some(word | IS_FINISHED));
    }

    /// The callback is dropped and not called, unless somebody has taken it.
    pub(crate) fn withdraw(&self) -> Option<Leftover> {
        let before = self.change(|word| {
            let is_taken = word & PHASE == TAKEN;
            let word = unstarted(word) & !(PHASE | HAS_RESULT);
            (!is_taken).then_some(word | TAKEN | IS_INTERRUPTED | IS_FINISHED)
        });
        before.ok().map(|word| Leftover {
            has_result: word & HAS_RESULT != 0,
            has_worker: word & WORKER == WAITING,
        })
    }

    /// The worker waits for a thread from now on, unless the task has ended or ends now; its
    /// function is in its slot.
    pub(crate) fn submit_worker(&self) -> Submitted {
        match self.change(|word| Some(submitted(word).0)) {
            Ok(word) | Err(word) => submitted(word).1,
        }
    }

    /// The same by plain reads and writes, for a task that no other thread knows yet. It may have
    /// ended even so: its context is finalized on this thread, and a destructor that runs then
    /// hands the task to a worker.
    pub(crate) fn submit_worker_alone(&self) -> Submitted {
        // ORDERING: nobody else looks at it before it is handed to them, by other means.
        let (submitted, what) = submitted(self.0.load(Ordering::Relaxed));
        self.0.store(submitted, Ordering::Relaxed);
        what
    }

    /// The worker has a thread. Says whether it may start, and its function is the
    /// caller's: not when the task was ended meanwhile.
    pub(crate) fn start_worker(&self) -> bool {
        let start = |word| (word & WORKER == WAITING).then_some(word & !WORKER | RUNNING);
        self.change(start).is_ok()
    }

    /// Whether an interrupt waits until the completer has ended.
    #[allow(dead_code, reason = "only a task of C may be told later")]
    pub(crate) fn returns_first(&self) -> bool {
        self.load() & RETURNS_FIRST != 0
    }

    /// Changes that, for who has the task and has not ended it. What an interrupt was before that
    /// stays.
    #[allow(dead_code, reason = "only a task of C may be told later")]
    pub(crate) fn set_returns_first(&self, returns_first: bool) {
        let bit = u32::from(returns_first) * RETURNS_FIRST;
        let _ = self.change(|word| Some(word & !RETURNS_FIRST | bit));
    }

    /// The loop drives the task from now on, and calls nobody to complete one that was interrupted:
    /// so interrupts decide at once. Says whether one has just done so, and a delivery has to be
    /// sent.
    pub(crate) fn drive(&self) -> bool {
        let before = self.change(|word| {
            let word = word & !RETURNS_FIRST;
            Some(match (word & PHASE, will_be(word)) {
                (OPEN, Some(phase)) => decided(word, phase),
                _ => word,
            })
        });
        before.is_ok_and(|word| word & PHASE == OPEN && will_be(word).is_some())
    }

    /// No interrupt ends the task from now on, unless one has. Says whether that is so.
    pub(crate) fn commit(&self) -> bool {
        let commit = |word| {
            let is_free = word & PHASE == OPEN && word & IS_INTERRUPTED == 0;
            is_free.then_some(word | IS_COMMITTED | KEEPS_SUCCESS)
        };
        self.change(commit).is_ok()
    }

    /// The delivery that was sent, or is about to be, was done otherwise. Says whether there
    /// is one.
    pub(crate) fn take_back(&self) -> bool {
        // ORDERING: who sends asks with the queue locked, and who takes back looks
        // through the queue afterwards.
        self.change(|word| (word & IS_SENT != 0).then_some(word | IS_TAKEN_BACK))
            .is_ok()
    }

    /// Whether what is about to be sent has been taken back.
    pub(crate) fn is_taken_back(&self) -> bool {
        self.load() & IS_TAKEN_BACK != 0
    }

    /// Whether somebody has taken the callback, or dropped it.
    pub(crate) fn is_taken(&self) -> bool {
        self.load() & PHASE == TAKEN
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.load() & IS_FINISHED != 0
    }

    /// Whether the completer would decide how the task ends, if it did so now.
    pub(crate) fn is_undecided(&self) -> bool {
        self.load() & (PHASE | IS_INTERRUPTED) == OPEN
    }

    /// Whether its worker waits for a thread.
    pub(crate) fn is_waiting(&self) -> bool {
        self.load() & WORKER == WAITING
    }

    /// Whether the callback has returned, or never will be called, and the worker likewise.
    pub(crate) fn is_over(&self) -> bool {
        // ORDERING: a change that changes nothing. Of two that ask after a change of their own, the
        // one that comes last sees both, and what the other has done before.
        let word = self.0.fetch_or(0, Ordering::AcqRel);
        word & IS_FINISHED != 0 && is_worker_over(word)
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.load() & IS_INTERRUPTED != 0
    }

    /// Whether an interrupt would change anything: there was none, and the worker is not past the
    /// point of no return.
    pub(crate) fn may_be_interrupted(&self) -> bool {
        self.load() & (IS_INTERRUPTED | IS_COMMITTED) == 0
    }

    /// Whether somebody waits for its worker or its callback, or has done so.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.load() & IS_WAITED_FOR != 0
    }

    /// Whether the task has been interrupted, for who has just published
    /// something that an interrupt looks for afterwards: one of the two sees
    /// the other.
    pub(crate) fn was_interrupted(&self) -> bool {
        // ORDERING: a change that changes nothing. An interrupt comes either before it, and
        // is seen here, or after it, and sees what was published.
        self.0.fetch_or(0, Ordering::AcqRel) & IS_INTERRUPTED != 0
    }

    /// Blocks until the worker has returned or will never run, or until the
    /// callback has run, but not beyond the instant `until`; or until something else `is_due`,
    /// which is asked again at each [`wake`](Self::wake) and runs no foreign code. Says whether it
    /// has come to any of that.
    pub(crate) fn wait_for_worker(
        &self,
        until: Option<Instant>,
        is_due: impl Fn() -> bool,
    ) -> bool {
        self.wait_until(until, |word| {
            word & IS_FINISHED != 0 || is_worker_over(word) || is_due()
        })
    }

    /// Blocks until the worker has returned or will never run, whatever has become of the
    /// callback, or until something else `is_due`, as above.
    pub(crate) fn wait_for_worker_end(&self, is_due: impl Fn() -> bool) {
        self.wait_until(None, |word| is_worker_over(word) || is_due());
    }

    /// Whether the worker has returned, or never will run. If not, `waker` is kept in `slot`, and
    /// woken when that may have changed. The slot is this state's alone.
    pub(crate) fn poll_worker_end(&self, slot: &Arc<WakeSlot>, waker: &Waker) -> Poll<()> {
        if !is_worker_over(self.load()) {
            slot.set(Some(waker.clone()));
            let address = self.address();
            let (slots, _) = parking(address);
            let mut slots = lock(slots);
            // ORDERING: whoever changes it after this takes the lock to wake.
            let is_over = is_worker_over(self.0.fetch_or(HAS_WAKER, Ordering::AcqRel));
            if !is_over {
                let is_there = slots.iter().any(|(_, known)| Arc::ptr_eq(known, slot));
                if !is_there {
                    slots.push((address, slot.clone()));
                }
                return Poll::Pending;
            }
        }
        slot.set(None);
        Poll::Ready(())
    }

    /// Blocks until the callback has run, but not beyond the instant `until`.
    pub(crate) fn wait_for_callback(&self, until: Option<Instant>) {
        self.wait_until(until, |word| word & IS_FINISHED != 0);
    }

    /// Says whether it is there.
    fn wait_until(&self, until: Option<Instant>, is_there: impl Fn(u32) -> bool) -> bool {
        if is_there(self.load()) {
            return true;
        }
        let (slots, woken) = parking(self.address());
        let mut guard = lock(slots);
        while !is_there(self.0.fetch_or(IS_WAITED_FOR, Ordering::AcqRel)) {
            guard = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => woken.wait(guard).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return false,
                Some(left) => {
                    let waited = woken.wait_timeout(guard, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }
}

/// Whether the worker has returned, or never will run.
fn is_worker_over(word: u32) -> bool {
    match word & WORKER {
        BY_HAND | WAITING => word & PHASE != OPEN,
        RUNNING => false,
        _ => true,
    }
}

/// What decides as the completer ends, whatever it leaves.
fn will_be(word: u32) -> Option<u32> {
    let phase = word >> WILL_BE & PHASE;
    (phase != OPEN).then_some(phase)
}

/// The state as an open one is decided so, and a delivery is sent.
fn decided(word: u32, phase: u32) -> u32 {
    word & !PHASE | phase | IS_SENT
}

/// Whether an interrupt waits for the completer.
fn returns_first(word: u32) -> bool {
    word & RETURNS_FIRST != 0 && word & WORKER != WAITING
}

/// The state as its worker is submitted, and what becomes of that.
fn submitted(word: u32) -> (u32, Submitted) {
    let over = word & !WORKER | OVER;
    match (word & PHASE, will_be(word)) {
        (OPEN, None) => (word & !WORKER | WAITING, Submitted::Waits),
        (OPEN, Some(phase)) => (decided(over, phase), Submitted::Superseded),
        _ => (over, Submitted::Late),
    }
}

/// The state as a worker that waits for a thread never will have one.
fn unstarted(word: u32) -> u32 {
    match word & WORKER {
        WAITING => word & !WORKER | OVER,
        _ => word,
    }
}
