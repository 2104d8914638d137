//! Values with a bound: each comes in order, never more wait than may, and no sender sleeps while
//! there is room.

use std::sync::Arc;

use crate::{
    bounded::{Batch, Bounded, Refused, Sent},
    sync::{
        Condvar, JoinHandle, Mutex, PoisonError,
        Preemptions::{self, Any, AtMost},
        alone, explore, lock, spawn,
    },
};

/// Values, and what the context has queued for their receiver.
struct Line {
    bound: usize,
    values: Bounded<u32>,
    queued: Mutex<usize>,
    has_queued: Condvar,
}

impl Line {
    fn new(bound: usize) -> Arc<Self> {
        Arc::new(Self {
            bound,
            values: Bounded::new(bound),
            queued: Mutex::new(0),
            has_queued: Condvar::new(),
        })
    }

    /// One in which as many wait as may.
    fn full(bound: u32) -> Arc<Self> {
        let line = Self::new(bound as usize);
        for value in 0..bound {
            assert!(line.values.try_send(value).is_ok());
        }
        assert_eq!(line.values.try_send(bound), Err(Refused::Full(bound)));
        line
    }

    fn send(&self, value: u32) -> Result<Sent, u32> {
        let sent = self.values.send(value)?;
        if sent.is_first {
            *lock(&self.queued) += 1;
            self.has_queued.notify_one();
        }
        Ok(sent)
    }

    /// Sends from a thread of its own.
    fn spawn(self: &Arc<Self>, values: impl IntoIterator<Item = u32> + Send + 'static) -> Sender {
        let line = self.clone();
        spawn(move || values.into_iter().map(|value| line.send(value)).collect())
    }

    /// Receives so many, as the context comes to what is queued.
    fn receive(&self, count: usize) -> Vec<u32> {
        let mut received = Vec::new();
        while received.len() < count {
            let mut queued = lock(&self.queued);
            while *queued == 0 {
                queued = self
                    .has_queued
                    .wait(queued)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            *queued -= 1;
            drop(queued);
            let mut batch = self.values.take();
            let accepted = usize::try_from(self.values.accepted()).expect("they are few");
            assert!(accepted - received.len() <= self.bound);
            while let Some(value) = batch.values.pop_front() {
                received.push(value);
                self.values.count_off(&mut batch);
            }
            self.values.put_back(&mut batch);
        }
        received
    }

    fn count_off(&self, batch: &mut Batch<u32>) {
        batch.values.pop_front().expect("there is one");
        self.values.count_off(batch);
    }
}

/// Yields what came of each value.
type Sender = JoinHandle<Vec<Result<Sent, u32>>>;

fn expect_let_in(sender: Sender) {
    let sent = sender.join().unwrap();
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
}

#[test]
fn one_sender_is_faster() {
    for bound in [1, 2] {
        explore(AtMost(4), move || {
            let line = Line::new(bound);
            let sender = line.spawn(0..3);
            assert_eq!(line.receive(3), [0, 1, 2]);
            expect_let_in(sender);
        });
    }
}

#[test]
fn two_senders_are_faster() {
    explore(AtMost(3), || {
        let line = Line::new(1);
        let senders = [line.spawn([0, 1]), line.spawn([10])];
        let received = line.receive(3);
        let of_first = received.iter().filter(|value| **value < 10);
        assert!(of_first.eq(&[0, 1]), "{received:?}");
        senders.into_iter().for_each(expect_let_in);
    });
}

/// While one waits for room in a full one, or is about to.
fn while_one_waits(
    preemptions: Preemptions,
    bound: u32,
    then: impl Fn(&Line, Sender) + Send + Sync + 'static,
) {
    explore(preemptions, move || {
        let line = Line::full(bound);
        let sender = line.spawn([bound]);
        then(&line, sender);
    });
}

#[test]
fn half_of_the_bound_is_free() {
    for (bound, half) in [(1, 1), (2, 1), (3, 2)] {
        while_one_waits(Any, bound, move |line, sender| {
            let mut batch = line.values.take();
            (0..half).for_each(|_| line.count_off(&mut batch));
            // The receiver stays with the next one for as long as it likes.
            expect_let_in(sender);
            line.values.put_back(&mut batch);
        });
    }
}

#[test]
fn a_batch_is_put_back() {
    while_one_waits(Any, 3, |line, sender| {
        let mut batch = line.values.take();
        line.count_off(&mut batch);
        line.values.put_back(&mut batch);
        expect_let_in(sender);
        assert_eq!(line.values.take().values, [1, 2]);
    });
}

#[test]
fn two_wait_as_a_batch_is_put_back() {
    explore(AtMost(3), || {
        let line = Line::full(2);
        let senders = [line.spawn([2]), line.spawn([3])];
        let mut batch = line.values.take();
        line.count_off(&mut batch);
        line.count_off(&mut batch);
        line.values.put_back(&mut batch);
        senders.into_iter().for_each(expect_let_in);
    });
}

#[test]
fn what_waits_is_thrown_away() {
    while_one_waits(Any, 2, |line, sender| {
        drop(line.values.take_all());
        expect_let_in(sender);
    });
}

#[test]
fn no_more_are_let_in() {
    for bound in [1, 2] {
        while_one_waits(Any, bound, move |line, sender| {
            assert_eq!(line.values.shut(), u64::from(bound));
            assert_eq!(sender.join().unwrap(), [Err(bound)]);
            line.values.open();
            assert_eq!(line.values.try_send(7), Err(Refused::Full(7)));
        });
        while_one_waits(Any, bound, move |line, sender| {
            line.values.close();
            assert_eq!(sender.join().unwrap(), [Err(bound)]);
            line.values.open();
            assert_eq!(line.values.try_send(7), Err(Refused::Closed(7)));
        });
    }
}

#[test]
fn two_wait_as_no_more_are_let_in() {
    explore(AtMost(3), || {
        let line = Line::full(1);
        let senders = [line.spawn([2]), line.spawn([3])];
        line.values.close();
        for sender in senders {
            let sent = sender.join().unwrap();
            assert!(sent[0].is_err());
        }
    });
}

#[test]
fn what_is_put_back_comes_first_and_each_is_numbered() {
    alone(|| {
        let values = &Line::full(3).values;
        let mut batch = values.take();
        batch.values.pop_front();
        values.count_off(&mut batch);
        assert!(values.try_send(3).unwrap().is_first);
        values.put_back(&mut batch);
        assert_eq!(values.try_send(9), Err(Refused::Full(9)));
        let mut batch = values.take();
        assert_eq!((batch.first, &batch.values), (1, &[1, 2].into()));
        while batch.values.pop_front().is_some() {
            values.count_off(&mut batch);
        }
        values.put_back(&mut batch);
        let batch = values.take();
        assert_eq!((batch.first, &batch.values), (3, &[3].into()));
        assert_eq!(values.accepted(), 4);
    });
}

#[test]
fn the_memory_of_a_flood_is_not_kept() {
    alone(|| {
        let values = Bounded::new(usize::MAX);
        for size in [crate::FLOOD * 4, 3, 3] {
            for _ in 0..size {
                assert!(values.try_send(0).is_ok());
            }
            let mut batch = values.take();
            if size == 3 {
                let kept = batch.values.capacity();
                assert!(kept <= crate::FLOOD, "{kept}");
            }
            while batch.values.pop_front().is_some() {
                values.count_off(&mut batch);
            }
            values.put_back(&mut batch);
        }
    });
}
