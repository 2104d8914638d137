//! [`Channel`]: what the clones of a [`Messages`](super::messages::Messages) share, and whoever
//! receives from them.

use std::{
    panic::Location,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    task::Waker,
    time::Instant,
};

use crate::{
    base::{
        bounded::{Bounded, Refused, Sent},
        fork,
        quietly::drop_quietly,
        sync::lock,
        wake_slot::WakeSlot,
    },
    node::{
        channels,
        events::{self, WaitsFor},
        home::{self, Home},
        inactivity::Inactivity,
        item::{Item, PassedOver},
        node::{Level, Queue},
        task_messages::Delivered,
    },
};

/// See the module's documentation.
pub(super) struct Channel<T: Send + 'static> {
    pub(super) values: Bounded<T>,
    /// How many clones there are of those that send.
    senders: AtomicUsize,
    pub(super) owners: Mutex<Owners>,
    /// Whether one of those looks for signs of life.
    has_lives: AtomicBool,
    /// So many of all that were ever sent are not delivered any more: a task has ended that
    /// nobody is told of.
    unwanted: AtomicU64,
    pub(super) receiver: Receiver,
}

/// The tasks that messages belong to.
#[derive(Default)]
pub(super) struct Owners {
    /// How many have not ended.
    pub(super) count: usize,
    pub(super) lives: Vec<Arc<Inactivity>>,
}

/// Who receives.
pub(super) enum Receiver {
    Callback(AtHome),
    /// Where the waker of the stream is.
    Stream(WakeSlot),
}

/// The callback, as any thread may know it.
pub(super) struct AtHome {
    pub(super) queue: Arc<Queue>,
    /// What the next messages are delivered through.
    pub(super) level: Mutex<Arc<Level>>,
    pub(super) home: Home,
    /// Where it was made.
    pub(super) location: &'static Location<'static>,
    /// Its number among the callbacks of its thread.
    pub(super) index: usize,
    /// Its number among those of its context.
    pub(super) number: usize,
    /// Wakes who waits for a task of these messages at home.
    pub(super) waiting: Mutex<Option<Waker>>,
}

impl Receiver {
    pub(super) fn at_home(&self) -> Option<&AtHome> {
        match self {
            Self::Callback(at_home) => Some(at_home),
            Self::Stream(_) => None,
        }
    }
}

impl AtHome {
    pub(super) fn is_here(&self) -> bool {
        self.home == home::here()
    }
}

impl<T: Send + 'static> Channel<T> {
    pub(super) fn new(bound: usize, receiver: Receiver) -> Self {
        Self {
            values: Bounded::new(bound),
            senders: AtomicUsize::new(1),
            owners: Mutex::default(),
            has_lives: AtomicBool::new(false),
            unwanted: AtomicU64::new(0),
            receiver,
        }
    }

    /// Lets `value` in, if there is room.
    #[inline]
    pub(super) fn try_send(self: &Arc<Self>, value: T) -> Result<(), Refused<T>> {
        let sent = self.values.try_send(value)?;
        self.sent(sent);
        Ok(())
    }

    /// Lets `value` in as soon as there is room. At home that is made here. Hands it back when
    /// nothing is let in any more.
    ///
    /// # Panics
    ///
    /// As [`Messages::send`](super::messages::Messages::send) says.
    #[inline]
    #[track_caller]
    pub(super) fn send(self: &Arc<Self>, value: T) -> Result<(), T> {
        match self.try_send(value) {
            Ok(()) => Ok(()),
            Err(Refused::Closed(value)) => Err(value),
            Err(Refused::Full(value)) => self.send_later(value),
        }
    }

    #[cold]
    #[track_caller]
    fn send_later(self: &Arc<Self>, mut value: T) -> Result<(), T> {
        let at_home = self.receiver.at_home();
        let Some(at_home) = at_home.filter(|at_home| at_home.is_here()) else {
            return self.wait_and_send(value);
        };
        loop {
            let all = self.values.accepted();
            assert!(
                self.deliver_until(at_home, Some(all), None) != Delivered::Nothing,
                "the messages' own callback can't wait for room, which nobody else would make: \
                 send fewer from there, use `Messages::try_send`, or a larger bound"
            );
            match self.try_send(value) {
                Ok(()) => return Ok(()),
                Err(Refused::Closed(value)) => return Err(value),
                Err(Refused::Full(full)) => value = full,
            }
        }
    }

    /// Blocks until there is room. The time that this takes is not the worker's.
    fn wait_and_send(self: &Arc<Self>, value: T) -> Result<(), T> {
        let lives = lock(&self.owners).lives.clone();
        for life in &lives {
            life.hold_up();
        }
        let sent = events::waiting_for(WaitsFor::Room, || self.values.send(value));
        for life in &lives {
            life.go_on();
        }
        self.sent(sent?);
        Ok(())
    }

    /// Something has come in: tells who receives it.
    #[inline]
    fn sent(self: &Arc<Self>, sent: Sent) {
        // ORDERING: it says something, and nothing else with it.
        if self.has_lives.load(Ordering::Relaxed) {
            lock(&self.owners)
                .lives
                .iter()
                .for_each(|life| life.touch());
        }
        if sent.is_first || sent.wakes {
            self.announce(sent);
        }
    }

    #[cold]
    fn announce(self: &Arc<Self>, sent: Sent) {
        match &self.receiver {
            Receiver::Callback(at_home) => {
                if sent.is_first {
                    self.queue_up(at_home);
                }
                if sent.wakes {
                    let waiting = lock(&at_home.waiting).clone();
                    waiting.iter().for_each(Waker::wake_by_ref);
                }
            }
            Receiver::Stream(slot) if sent.wakes => slot.wake(),
            Receiver::Stream(_) => {}
        }
    }

    /// Queues what waits for the callback, which may be nothing.
    pub(super) fn queue_up(self: &Arc<Self>, at_home: &AtHome) {
        let level = lock(&at_home.level).clone();
        // With the context dead this is being closed, and what waits dropped.
        let _ = level.push(Item::Messages(self.clone(), PassedOver::default()));
    }

    /// One more sends.
    pub(super) fn add_sender(&self) {
        // ORDERING: it is added by one of them.
        self.senders.fetch_add(1, Ordering::Relaxed);
    }

    /// One sends no more.
    pub(super) fn remove_sender(&self) {
        // ORDERING: what the others have sent comes before.
        if self.senders.fetch_sub(1, Ordering::AcqRel) == 1
            && let Receiver::Stream(slot) = &self.receiver
        {
            self.values.shut();
            slot.wake();
        }
    }

    /// Those of its tasks that look for signs of life have changed.
    pub(super) fn note_lives(&self, owners: &Owners) {
        let has_lives = !owners.lives.is_empty();
        self.has_lives.store(has_lives, Ordering::Relaxed);
    }

    /// What has been sent so far is not delivered any more. Hands out what waits, to be dropped
    /// unlocked.
    pub(super) fn discard_sent(&self) -> impl Sized + use<T> {
        // ORDERING: who delivers asks on the thread where this is done, or hears of it in time.
        self.unwanted
            .store(self.values.accepted(), Ordering::Relaxed);
        self.values.take_all()
    }

    /// Whether what was sent after `before` others is not to be delivered.
    #[inline]
    pub(super) fn is_unwanted(&self, before: u64) -> bool {
        before < self.unwanted.load(Ordering::Relaxed)
    }
}

impl<T: Send + 'static> channels::Channel for Channel<T> {
    fn home(&self) -> Option<Home> {
        Some(self.receiver.at_home()?.home)
    }

    fn place(&self) -> Option<&'static Location<'static>> {
        Some(self.receiver.at_home()?.location)
    }

    fn deliver_batch(self: Arc<Self>, end: Instant) -> bool {
        let at_home = self.receiver.at_home();
        at_home
            .is_some_and(|at_home| self.deliver_until(at_home, None, Some(end)) == Delivered::Some)
    }

    fn close(&self) {
        self.values.close();
    }

    fn discard(&self) {
        drop(self.values.take_all());
    }
}

impl<T: Send + 'static> Drop for Channel<T> {
    fn drop(&mut self) {
        if fork::is_child() {
            return;
        }
        drop_quietly(self.values.take_all());
        if let Receiver::Callback(at_home) = &self.receiver {
            at_home.queue.per_context.channels.remove(at_home.number);
            let release = Item::Release {
                home: at_home.home,
                index: at_home.index,
            };
            let level = lock(&at_home.level).clone();
            let _ = level.push(release);
        }
    }
}
