//! [`MessageQueue`]: the messages of a task of C that wait to be told, and which thread tells them.

use std::{
    ptr,
    sync::{Arc, Weak},
    task::Waker,
};

use super::{c_types::OwnedData, handle::Handle, telling::Telling};
use crate::{
    base::{
        bounded::{Batch, Bounded, Refused, Sent},
        sync::{Condvar, Mutex, PoisonError, lock},
    },
    node::{
        channels::Channel,
        item::{Item, PassedOver},
        node::Level,
        runner::waits::blocking,
    },
};

/// The message function of a task, with its data.
pub(super) type TellFunc = Arc<dyn Fn(Handle, &OwnedData) + Send + Sync>;

/// What a task has that was given a message function.
pub(super) struct Messages {
    pub(super) queue: Arc<MessageQueue>,
    pub(super) func: TellFunc,
}

/// See the module's documentation.
pub(super) struct MessageQueue {
    values: Bounded<OwnedData>,
    receiving: Mutex<Receiving>,
    /// Says when a thread has told one.
    told: Condvar,
    current: Mutex<Option<Current>>,
    /// Wakes who waits for the task, and tells messages meanwhile.
    waiting: Mutex<Vec<Waker>>,
}

/// The side of those who tell.
#[derive(Default)]
struct Receiving {
    /// What has been taken out and not been told. It is shared by all who tell: a message function
    /// may iterate the context, or wait for the task, and the next messages come then.
    batch: Option<Batch<OwnedData>>,
    telling: Telling,
}

/// How the context gets to know of messages. It is another one as the task moves.
struct Current {
    /// `None` until the node is made that has it.
    level: Option<Arc<Level>>,
    channel: Weak<dyn Channel>,
    /// Whether that knows of them, and will tell them.
    is_queued: bool,
}

impl MessageQueue {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            values: Bounded::new(bound),
            receiving: Mutex::default(),
            told: Condvar::new(),
            current: Mutex::new(None),
            waiting: Mutex::default(),
        }
    }

    /// Messages are told through `channel` from now on.
    pub(super) fn move_to(&self, channel: Weak<dyn Channel>) {
        *lock(&self.current) = Some(Current {
            level: None,
            channel,
            is_queued: false,
        });
    }

    /// That is known at this level.
    pub(super) fn set_level(&self, level: Arc<Level>) {
        if let Some(current) = &mut *lock(&self.current) {
            current.level = Some(level);
        }
        // What waits was queued where nobody looks for it any more, or nowhere.
        if self.has_any() {
            self.queue_up();
        }
    }

    /// Whether messages are told through `channel`.
    pub(super) fn is_told_by<C>(&self, channel: &C) -> bool {
        is_current(lock(&self.current).as_ref(), channel)
    }

    /// The context has taken `channel` out of its queue. Says whether messages are told through it.
    pub(super) fn dequeue<C>(&self, channel: &C) -> bool {
        let mut current = lock(&self.current);
        let is_current = is_current(current.as_ref(), channel);
        if let Some(current) = current.as_mut().filter(|_| is_current) {
            current.is_queued = false;
        }
        is_current
    }

    /// No message is let in any more, if they are told through `channel`.
    pub(super) fn shut<C>(&self, channel: &C) {
        let current = lock(&self.current);
        // With the lock: the task may be moving.
        if is_current(current.as_ref(), channel) {
            self.values.shut();
        }
    }

    /// Lets a message in, if there is room.
    pub(super) fn try_send(&self, message: OwnedData) -> Result<(), Refused<OwnedData>> {
        let sent = self.values.try_send(message)?;
        self.announce(sent);
        Ok(())
    }

    /// Lets a message in as soon as there is room. Hands it back when none is let in any more.
    pub(super) fn send(&self, message: OwnedData) -> Result<(), OwnedData> {
        let sent = self.values.send(message)?;
        self.announce(sent);
        Ok(())
    }

    fn announce(&self, sent: Sent) {
        if sent.is_first {
            self.queue_up();
        }
        if sent.wakes {
            let waiting = lock(&self.waiting).clone();
            waiting.iter().for_each(Waker::wake_by_ref);
        }
    }

    /// Has the context tell what waits, which may be nothing.
    fn queue_up(&self) {
        let mut current = lock(&self.current);
        let told_by = current.as_mut().filter(|current| !current.is_queued);
        let told_by = told_by.and_then(|current| {
            let told_by = (current.level.clone()?, current.channel.upgrade()?);
            current.is_queued = true;
            Some(told_by)
        });
        drop(current);
        if let Some((level, channel)) = told_by {
            // With the context dead the task has ended.
            let _ = level.push(Item::Messages(channel, PassedOver::default()));
        }
    }

    /// Takes out the next message, which this thread tells now. Where another one tells the one
    /// before, that is waited for, or there is none. What is left is queued: the message function
    /// may iterate the context.
    pub(super) fn next(&self, waits: bool) -> Option<OwnedData> {
        let mut receiving = lock(&self.receiving);
        while receiving.telling.is_elsewhere() {
            if !waits {
                return None;
            }
            let waited = blocking(|| self.told.wait(receiving));
            receiving = waited.unwrap_or_else(PoisonError::into_inner);
        }
        let message = receiving.take(&self.values)?;
        receiving.telling.begin();
        let is_some_left = receiving.has_any() || self.values.has_any();
        drop(receiving);
        if is_some_left {
            self.queue_up();
        }
        Some(message)
    }

    /// This thread has told a message.
    pub(super) fn end_telling(&self) {
        lock(&self.receiving).telling.end();
        self.told.notify_all();
    }

    /// The time is up for who tells. Says whether something is left, which is queued.
    pub(super) fn pause(&self) -> bool {
        let mut receiving = lock(&self.receiving);
        if let Some(mut batch) = receiving.batch.take() {
            self.values.put_back(&mut batch);
        }
        drop(receiving);
        let is_some_left = self.values.has_any();
        if is_some_left {
            self.queue_up();
        }
        is_some_left
    }

    fn has_any(&self) -> bool {
        lock(&self.receiving).has_any() || self.values.has_any()
    }

    /// Whether something waits. If nothing does, who waits is woken as it comes in.
    pub(super) fn is_due(&self) -> bool {
        lock(&self.receiving).has_any() || self.values.await_values()
    }

    /// One more is woken, or one less.
    pub(super) fn set_waker(&self, waker: Option<&Waker>) {
        let mut waiting = lock(&self.waiting);
        // Any of them: each wakes all who wait for the task.
        let last = match waker {
            Some(waker) => {
                waiting.push(waker.clone());
                None
            }
            None => waiting.pop(),
        };
        drop((waiting, last));
    }

    /// What waits is told to nobody any more: takes it out, to be freed.
    pub(super) fn take_all(&self) -> impl Sized + use<> {
        let batch = lock(&self.receiving).batch.take();
        (batch, self.values.take_all())
    }
}

fn is_current<C>(current: Option<&Current>, channel: &C) -> bool {
    current.is_some_and(|current| ptr::addr_eq(current.channel.as_ptr(), channel))
}

impl Receiving {
    fn has_any(&self) -> bool {
        let batch = self.batch.as_ref();
        batch.is_some_and(|batch| !batch.values.is_empty())
    }

    fn take(&mut self, values: &Bounded<OwnedData>) -> Option<OwnedData> {
        let mut batch = match self.batch.take() {
            Some(batch) if !batch.values.is_empty() => batch,
            told => {
                if let Some(mut told) = told {
                    values.put_back(&mut told);
                }
                values.take()
            }
        };
        let message = batch.values.pop_front()?;
        // Before it is told: what is being told does not wait.
        values.count_off(&mut batch);
        self.batch = Some(batch);
        Some(message)
    }
}
