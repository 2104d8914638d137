//! [`Timers`]: what is to be done at a certain time, by the one source that looks at it.
//!
//! Most are removed before their time, and most come in the order of their times, since an
//! application has few different timeouts. So those are in a queue, and only the others are
//! sorted, in a heap. What is removed stays in both as a time without a timer: until it is the
//! first, or there are more of those than of others.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use slab::Slab;

/// What a timer is found by: its place, and a number that no other one has had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    number: u64,
    index: usize,
}

/// When a timer is due; of those of the same time the one that came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Time {
    at: Instant,
    key: Key,
}

/// So many times without timers do no harm.
const FEW: usize = 64;

/// See the module's documentation.
pub(super) struct Timers<T> {
    slots: Slab<Numbered<T>>,
    in_order: VecDeque<Time>,
    others: BinaryHeap<Reverse<Time>>,
    next_number: u64,
}

struct Numbered<T> {
    number: u64,
    timer: T,
}

impl<T> Timers<T> {
    pub(super) fn new() -> Self {
        Self {
            slots: Slab::new(),
            in_order: VecDeque::new(),
            others: BinaryHeap::new(),
            next_number: 0,
        }
    }

    /// Adds `timer`, for the time `at`. Says by which key it is found, and whether it is
    /// now the first.
    pub(super) fn add(&mut self, at: Instant, timer: T) -> (Key, bool) {
        let number = self.next_number;
        self.next_number += 1;
        let index = self.slots.insert(Numbered { number, timer });
        let key = Key { number, index };
        let time = Time { at, key };
        if self.in_order.back().is_none_or(|last| last.at <= at) {
            self.in_order.push_back(time);
        } else {
            self.others.push(Reverse(time));
        }
        (key, self.first() == Some(time))
    }

    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        let removed = self.take(key)?;
        // The first ones at once, as most end in the order in which they began.
        self.first();
        let times = self.in_order.len() + self.others.len();
        if times > 2 * self.slots.len() + FEW {
            let Self { slots, .. } = self;
            self.in_order.retain(|time| is_there(slots, time.key));
            self.others.retain(|time| is_there(slots, time.0.key));
        }
        Some(removed)
    }

    /// How long it is until the first is due; nothing, if it is.
    pub(super) fn time_left(&mut self) -> Option<Duration> {
        let first = self.first()?;
        Some(first.at.saturating_duration_since(Instant::now()))
    }

    /// Takes out the first one, if it is due.
    pub(super) fn take_due(&mut self) -> Option<T> {
        let first = self.first()?;
        if first.at > Instant::now() {
            return None;
        }
        self.take(first.key)
    }

    /// Takes out all.
    pub(super) fn take_all(&mut self) -> impl Sized + use<T> {
        std::mem::replace(self, Self::new()).slots
    }

    /// The time of the first one, before which none is left without a timer.
    fn first(&mut self) -> Option<Time> {
        let Self { slots, .. } = self;
        while self
            .in_order
            .front()
            .is_some_and(|time| !is_there(slots, time.key))
        {
            self.in_order.pop_front();
        }
        while self
            .others
            .peek()
            .is_some_and(|time| !is_there(slots, time.0.key))
        {
            self.others.pop();
        }
        match (self.in_order.front(), self.others.peek()) {
            (Some(first), Some(Reverse(other))) => Some(*first.min(other)),
            (first, None) => first.copied(),
            (None, Some(Reverse(other))) => Some(*other),
        }
    }

    fn take(&mut self, key: Key) -> Option<T> {
        is_there(&self.slots, key).then(|| self.slots.remove(key.index).timer)
    }
}

fn is_there<T>(slots: &Slab<Numbered<T>>, key: Key) -> bool {
    let timer = slots.get(key.index);
    timer.is_some_and(|timer| timer.number == key.number)
}

/// Who has timers: a queue. A trait, so that this file need not know that.
pub(super) trait HasTimers: Send + Sync {
    /// Drops the timer that is found by `key`, if it is still there.
    fn remove_timer(&self, key: Key);
}

/// Something is to be timed out, for as long as this is kept.
pub(crate) struct Timer {
    pub(super) timers: Arc<dyn HasTimers>,
    pub(super) key: Key,
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.timers.remove_timer(self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The times that timers are added for, in milliseconds from the beginning: of one timeout, of
    /// several, and of ever shorter ones.
    const SHAPES: [fn(u64) -> u64; 3] = [
        |number| number,
        |number| number + if number % 4 == 1 { 30 } else { 1_000 },
        |number| 5_000 - number,
    ];

    /// Compared with a map of what is there, by time and number.
    #[test]
    fn what_is_there_comes_out_by_its_time_and_equals_in_order() {
        // All times have come.
        let Some(begin) = Instant::now().checked_sub(Duration::from_secs(10)) else {
            return;
        };
        for (shape, keeps) in SHAPES
            .into_iter()
            .flat_map(|shape| [(shape, 2), (shape, 50)])
        {
            let (mut timers, mut sorted) = (Timers::new(), BTreeMap::new());
            let mut keys = VecDeque::new();
            // Miri takes its time.
            for number in 0..if cfg!(miri) { 50 } else { 2_000 } {
                let at = begin + Duration::from_millis(shape(number) / 3 * 3);
                let (key, is_first) = timers.add(at, number);
                sorted.insert((at, number), number);
                assert_eq!(is_first, sorted.first_key_value().unwrap().1 == &number);
                keys.push_back((key, at, number));
                // Most are removed, in order and some out of order; one in `keeps` stays.
                if number % keeps != 0 && number % 3 > 0 {
                    let nth = if number % 7 == 0 { keys.len() - 1 } else { 0 };
                    let (key, at, number) = keys.remove(nth).unwrap();
                    assert_eq!(timers.remove(key), sorted.remove(&(at, number)));
                    assert_eq!(timers.remove(key), None, "it is there once");
                }
                if number % 11 == 0 {
                    let first = sorted.pop_first().map(|(_, number)| number);
                    assert_eq!(timers.take_due(), first);
                }
                let kept = timers.in_order.len() + timers.others.len();
                assert!(kept <= 2 * sorted.len() + FEW + 1, "few have no timer");
            }
            while let Some((_, number)) = sorted.pop_first() {
                assert_eq!(timers.time_left(), Some(Duration::ZERO));
                assert_eq!(timers.take_due(), Some(number));
            }
            assert_eq!(timers.take_due(), None);
            assert_eq!(timers.time_left(), None);
        }
    }

    #[test]
    fn none_is_due_before_its_time() {
        let mut timers = Timers::new();
        let hour = Duration::from_hours(1);
        let (key, _) = timers.add(Instant::now() + hour, 1);
        let (_, is_first) = timers.add(Instant::now() + 2 * hour, 2);
        assert!(!is_first);
        assert_eq!(timers.take_due(), None);
        assert!(timers.time_left().is_some_and(|left| left <= hour));
        assert_eq!(timers.remove(key), Some(1));
        assert!(timers.time_left().is_some_and(|left| left > hour));
    }
}
