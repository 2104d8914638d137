//! [`Bounded`]: values on their way from many threads to one receiver, no more than a bound.
//!
//! The receiver takes out all that has come in at once, and deals with it unlocked. What it has
//! taken and not dealt with yet waits as well as what has come in since: so there are never more
//! than the bound in memory, and a sender that finds as many sleeps.

use std::{collections::VecDeque, mem, time::Duration};

use super::{
    FLOOD,
    sync::{AtomicUsize, CachePadded, Condvar, Mutex, MutexGuard, Ordering, PoisonError, lock},
};

/// See the module's documentation.
pub(crate) struct Bounded<T> {
    bound: usize,
    inner: CachePadded<Mutex<Inner<T>>>,
    /// How many of those taken out have been dealt with since they were counted last. Only the
    /// receiver changes it, for each value, and without the lock.
    dealt: CachePadded<AtomicUsize>,
    has_room: Condvar,
}

struct Inner<T> {
    /// What has come in.
    values: VecDeque<T>,
    /// What the receiver has put back, which came in before.
    left: VecDeque<T>,
    /// How many the receiver has taken out, less those that have been counted off.
    taken: usize,
    /// How many of those it has dealt with, when that was looked at last.
    seen: usize,
    /// How many have ever come in.
    accepted: u64,
    door: Door,
    /// How many senders sleep.
    sleepers: usize,
    /// Some of them have been woken, and none has noticed yet.
    is_waking: bool,
    /// Whether the receiver is to be woken as something comes in.
    is_awaited: bool,
}

/// Whether values are let in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    /// Not now.
    Shut,
    /// Never again, as nobody receives them.
    Closed,
}

/// A value was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Nothing else has come in since the receiver took all that was there.
    pub(crate) is_first: bool,
    /// The receiver is to be woken.
    pub(crate) wakes: bool,
}

/// A value was not let in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused<T> {
    Full(T),
    Closed(T),
}

/// Whether something comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coming {
    Now,
    Later,
    Never,
}

/// What the receiver has taken out.
pub(crate) struct Batch<T> {
    pub(crate) values: VecDeque<T>,
    /// How many values came before the first of these.
    pub(crate) first: u64,
    dealt: usize,
}

/// How long a sender sleeps before it looks for room itself, at first and later. Its tests, in
/// `tests/reliability/interleavings`, are of those who wake it.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 3_600_000 } else { 1 });
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl<T> Bounded<T> {
    pub(crate) fn new(bound: usize) -> Self {
        Self {
            bound,
            inner: CachePadded(Mutex::new(Inner {
                values: VecDeque::new(),
                left: VecDeque::new(),
                taken: 0,
                seen: 0,
                accepted: 0,
                door: Door::Open,
                sleepers: 0,
                is_waking: false,
                is_awaited: false,
            })),
            dealt: CachePadded(AtomicUsize::new(0)),
            has_room: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        lock(&self.inner.0)
    }

    /// For how many there is room. The receiver goes on meanwhile, and makes more.
    #[inline]
    fn room(&self, inner: &mut Inner<T>) -> usize {
        let known = self.bound - inner.waiting();
        if known == 0 {
            // Only now: to look at what another processor writes costs more than all else.
            // ORDERING: what the receiver has done with a value comes before it makes room.
            inner.seen = self.dealt.0.load(Ordering::Acquire);
            return self.bound - inner.waiting();
        }
        known
    }

    /// Lets `value` in, if there is room.
    #[inline]
    pub(crate) fn try_send(&self, value: T) -> Result<Sent, Refused<T>> {
        let mut inner = self.lock();
        if inner.door != Door::Open {
            Err(Refused::Closed(value))
        } else if self.room(&mut inner) > 0 {
            Ok(inner.accept(value))
        } else {
            Err(Refused::Full(value))
        }
    }

    /// Lets `value` in as soon as there is room. Hands it back when nothing is let in any more,
    /// which may become so while it waits.
    pub(crate) fn send(&self, value: T) -> Result<Sent, T> {
        let mut inner = self.lock();
        let mut pause = PAUSE;
        let mut has_slept = false;
        while inner.door == Door::Open {
            if self.room(&mut inner) > 0 {
                let sent = inner.accept(value);
                if has_slept {
                    // There may be room for another one, made since this one was woken.
                    self.wake_senders(inner);
                }
                return Ok(sent);
            }
            inner.sleepers += 1;
            // The receiver wakes senders when it has made room for many: else the two would take
            // turns for each value. Before that it may stay with one value for as long as it
            // likes, as a callback does that iterates a loop. So a sender looks by itself, too.
            let waited = self.has_room.wait_timeout(inner, pause);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
            inner.sleepers -= 1;
            inner.is_waking = false;
            pause = (2 * pause).min(LONGEST_PAUSE);
            has_slept = true;
        }
        Err(value)
    }

    /// Takes out what was put back, or else all that has come in.
    pub(crate) fn take(&self) -> Batch<T> {
        self.lock().take()
    }

    /// Whether something is there. If nothing is yet, the receiver is woken as it comes in; if
    /// nothing is let in now, nothing ever will be.
    pub(crate) fn coming(&self) -> Coming {
        let mut inner = self.lock();
        if inner.has_any() {
            return Coming::Now;
        }
        if inner.door == Door::Open {
            inner.is_awaited = true;
            return Coming::Later;
        }
        // Also when another task begins.
        inner.door = Door::Closed;
        Coming::Never
    }

    /// Whether something is there. If nothing is, the receiver is woken as it comes in.
    pub(crate) fn await_values(&self) -> bool {
        let mut inner = self.lock();
        inner.is_awaited = !inner.has_any();
        !inner.is_awaited
    }

    /// Whether something is there that the receiver has not taken out.
    pub(crate) fn has_any(&self) -> bool {
        self.lock().has_any()
    }

    /// How many have ever come in.
    pub(crate) fn accepted(&self) -> u64 {
        self.lock().accepted
    }

    /// The receiver has dealt with one value of `batch`.
    #[inline]
    pub(crate) fn count_off(&self, batch: &mut Batch<T>) {
        batch.first += 1;
        batch.dealt += 1;
        // ORDERING: see `room`.
        self.dealt.0.store(batch.dealt, Ordering::Release);
        if batch.dealt >= self.bound.div_ceil(2) {
            let mut inner = self.lock();
            self.make_room(&mut inner, batch);
            self.wake_senders(inner);
        }
    }

    /// The receiver has dealt with `batch`, but for what is left in it: that is put back, for
    /// later. What nobody receives any more stays in it.
    pub(crate) fn put_back(&self, batch: &mut Batch<T>) {
        let mut inner = self.lock();
        self.make_room(&mut inner, batch);
        inner.taken = 0;
        if inner.door != Door::Closed {
            // An empty one is put back, too, for its memory: unless a flood has needed that.
            let is_spare = batch.values.is_empty() && batch.values.capacity() > FLOOD;
            if !is_spare {
                mem::swap(&mut inner.left, &mut batch.values);
            }
        }
        self.wake_senders(inner);
    }

    fn make_room(&self, inner: &mut Inner<T>, batch: &mut Batch<T>) {
        inner.taken -= mem::take(&mut batch.dealt);
        inner.seen = 0;
        // ORDERING: whoever reads it has the lock, or is the receiver.
        self.dealt.0.store(0, Ordering::Relaxed);
    }

    /// There may be room.
    fn wake_senders(&self, mut inner: MutexGuard<'_, Inner<T>>) {
        let room = self.room(&mut inner);
        let sleepers = inner.sleepers;
        if room == 0 || sleepers == 0 || mem::replace(&mut inner.is_waking, true) {
            return;
        }
        drop(inner);
        if room >= sleepers {
            self.has_room.notify_all();
        } else {
            (0..room).for_each(|_| self.has_room.notify_one());
        }
    }

    /// Nothing is let in from now on, until [`open`](Self::open). Says how many have come in.
    pub(crate) fn shut(&self) -> u64 {
        self.close_door(Door::Shut)
    }

    /// Lets values in again, unless nobody receives them.
    pub(crate) fn open(&self) {
        let mut inner = self.lock();
        if inner.door == Door::Shut {
            inner.door = Door::Open;
        }
    }

    /// Nobody receives any more.
    pub(crate) fn close(&self) {
        let _ = self.close_door(Door::Closed);
    }

    fn close_door(&self, door: Door) -> u64 {
        let mut inner = self.lock();
        if inner.door != Door::Closed {
            inner.door = door;
        }
        let accepted = inner.accepted;
        drop(inner);
        self.has_room.notify_all();
        accepted
    }

    /// Takes out what waits, to be dropped: destructors are foreign code.
    pub(crate) fn take_all(&self) -> impl Sized + use<T> {
        let mut inner = self.lock();
        let all = (mem::take(&mut inner.left), mem::take(&mut inner.values));
        self.wake_senders(inner);
        all
    }
}

impl<T> Batch<T> {
    /// One with nothing in it.
    pub(crate) const fn new() -> Self {
        Self {
            values: VecDeque::new(),
            first: 0,
            dealt: 0,
        }
    }
}

impl<T> Inner<T> {
    /// How many wait, at most.
    #[inline]
    fn waiting(&self) -> usize {
        self.values.len() + self.left.len() + (self.taken - self.seen)
    }

    fn has_any(&self) -> bool {
        !self.values.is_empty() || !self.left.is_empty()
    }

    #[inline]
    fn accept(&mut self, value: T) -> Sent {
        let is_first = self.values.is_empty();
        self.values.push_back(value);
        self.accepted += 1;
        Sent {
            is_first,
            wakes: mem::take(&mut self.is_awaited),
        }
    }

    fn take(&mut self) -> Batch<T> {
        if self.left.is_empty() {
            mem::swap(&mut self.left, &mut self.values);
        }
        let values = mem::take(&mut self.left);
        self.taken = values.len();
        let since = self.values.len() + values.len();
        Batch {
            values,
            first: self.accepted - since as u64,
            dealt: 0,
        }
    }
}
