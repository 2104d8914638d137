//! [`Bounded`]: values on their way from many threads to one receiver, no more than a bound.
//!
//! The receiver takes out all that has come in at once, and deals with it unlocked. What it has
//! taken and not dealt with yet waits as well as what has come in since: so there are never more
//! than the bound in memory, and a sender that finds as many sleeps.

use std::{collections::VecDeque, mem, sync::atomic::AtomicUsize, time::Duration};

use super::{
    FLOOD,
    sync::{CachePadded, Condvar, Mutex, MutexGuard, Ordering, PoisonError, lock},
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

/// How long a sender sleeps before it looks for room itself, at first and later. The tests here
/// are of those who wake it.
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
        while inner.door == Door::Open {
            if self.room(&mut inner) > 0 {
                return Ok(inner.accept(value));
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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::*;

    type Values = Arc<Bounded<u32>>;

    /// As many as the bound are in it.
    fn full(bound: u32) -> Values {
        let values = Arc::new(Bounded::new(bound as usize));
        for value in 0..bound {
            assert!(values.try_send(value).is_ok());
        }
        assert_eq!(values.try_send(bound), Err(Refused::Full(bound)));
        values
    }

    /// Sends `value` while `then` is done, which is as that is about to sleep, or does.
    fn while_it_waits(values: &Values, value: u32, then: impl FnOnce()) -> Result<Sent, u32> {
        let sends = thread::spawn({
            let values = values.clone();
            move || values.send(value)
        });
        while values.lock().sleepers == 0 {
            thread::yield_now();
        }
        then();
        sends.join().unwrap()
    }

    fn count_off(values: &Values, batch: &mut Batch<u32>) {
        batch.values.pop_front().unwrap();
        values.count_off(batch);
    }

    #[test]
    fn who_waits_is_woken_as_half_of_the_bound_is_free_or_the_batch_is_at_its_end() {
        for (bound, half) in [(1, 1), (2, 1), (3, 2), (100, 50)] {
            let values = full(bound);
            let mut batch = values.take();
            let sent = while_it_waits(&values, bound, || {
                (0..half).for_each(|_| count_off(&values, &mut batch));
            });
            assert!(sent.unwrap().is_first);
            values.put_back(&mut batch);

            let values = full(bound);
            let mut batch = values.take();
            count_off(&values, &mut batch);
            assert!(values.try_send(bound).is_ok(), "there is room for one");
            let sent = while_it_waits(&values, bound + 1, || {
                values.put_back(&mut batch);
                let mut batch = values.take();
                while !batch.values.is_empty() {
                    count_off(&values, &mut batch);
                }
                values.put_back(&mut batch);
            });
            assert!(sent.is_ok());
        }
    }

    #[test]
    fn who_waits_is_woken_as_nothing_is_let_in_any_more() {
        for bound in [1, 10] {
            let values = full(bound);
            let shut = while_it_waits(&values, 7, || assert_eq!(values.shut(), u64::from(bound)));
            assert_eq!(shut, Err(7));
            values.open();
            let closed = while_it_waits(&values, 7, || values.close());
            assert_eq!(closed, Err(7));
            values.open();
            assert_eq!(values.try_send(7), Err(Refused::Closed(7)));
        }
    }

    #[test]
    fn who_waits_is_woken_as_what_waits_is_thrown_away() {
        let values = full(3);
        let sent = while_it_waits(&values, 3, || drop(values.take_all()));
        assert!(sent.unwrap().is_first);
    }

    #[test]
    fn what_is_put_back_comes_first_and_each_is_numbered() {
        let values = full(3);
        let mut batch = values.take();
        count_off(&values, &mut batch);
        assert!(values.try_send(3).unwrap().is_first);
        values.put_back(&mut batch);
        assert!(
            values.try_send(9).is_err(),
            "two are left, and one has come in"
        );
        let mut batch = values.take();
        assert_eq!((batch.first, &batch.values), (1, &[1, 2].into()));
        while !batch.values.is_empty() {
            count_off(&values, &mut batch);
        }
        values.put_back(&mut batch);
        let batch = values.take();
        assert_eq!((batch.first, &batch.values), (3, &[3].into()));
        assert_eq!(values.accepted(), 4);
    }

    #[test]
    fn the_memory_of_a_flood_is_not_kept() {
        let values = Bounded::new(usize::MAX);
        for size in [FLOOD * 2, 10] {
            for _ in 0..size {
                assert!(values.try_send(0).is_ok());
            }
            let mut batch = values.take();
            while batch.values.pop_front().is_some() {
                values.count_off(&mut batch);
            }
            values.put_back(&mut batch);
            let inner = values.lock();
            let kept = inner.left.capacity().max(inner.values.capacity());
            assert!(kept <= FLOOD, "{kept}");
        }
    }
}
