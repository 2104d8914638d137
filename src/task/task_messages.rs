//! [`TaskMessages`]: messages, as one task has them that they belong to.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::Waker,
    time::Instant,
};

use glib::Priority;

use super::{
    channel::{AtHome, Channel, Receiver},
    sink::Sink,
};
use crate::{
    base::{quietly::drop_quietly, sync::lock},
    node::{
        inactivity::Inactivity,
        node::Level,
        owner::Owned,
        task_messages::{self, Delivered},
    },
};

/// See the module's documentation.
pub(super) struct TaskMessages<T: Send + 'static> {
    channel: Arc<Channel<T>>,
    /// How many of all that were ever sent come before the callback, once no more do.
    last: OnceLock<u64>,
    /// Whether those have been delivered, as far as they can be, or never will be.
    is_delivered: AtomicBool,
}

impl<T: Send + 'static> TaskMessages<T> {
    pub(super) fn new(channel: Arc<Channel<T>>) -> Self {
        Self {
            channel,
            last: OnceLock::new(),
            is_delivered: AtomicBool::new(false),
        }
    }

    /// The callback's side, if this is its thread.
    fn here(&self) -> Option<&AtHome> {
        let at_home = self.channel.receiver.at_home();
        at_home.filter(|at_home| at_home.is_here())
    }

    /// Says how many come before the callback.
    fn shut_once(&self) -> u64 {
        *self.last.get_or_init(|| {
            let values = &self.channel.values;
            let mut owners = lock(&self.channel.owners);
            owners.count -= 1;
            // With the lock: another task may begin.
            match owners.count {
                0 => values.shut(),
                _ => values.accepted(),
            }
        })
    }
}

impl<T: Send + 'static> task_messages::TaskMessages for TaskMessages<T> {
    fn set_priority(&self, priority: Priority) {
        let Some(at_home) = self.channel.receiver.at_home() else {
            return;
        };
        // The task has just made that level, if it is of the same context.
        if let Some(level) = Level::find(&at_home.queue, priority) {
            *lock(&at_home.level) = level;
            // What waits was queued at another one, which may be reached much later.
            if self.channel.values.has_any() {
                self.channel.queue_up(at_home);
            }
        }
    }

    fn shut(&self) {
        self.shut_once();
        if let Receiver::Stream(slot) = &self.channel.receiver {
            slot.wake();
        }
    }

    fn deliver(&self, end: Option<Instant>) -> Delivered {
        if self.is_delivered.load(Ordering::Relaxed) {
            return Delivered::All;
        }
        let last = self.shut_once();
        let delivered = self.here().map_or(Delivered::All, |at_home| {
            match self.channel.deliver_until(at_home, Some(last), end) {
                // What is being delivered further up this stack was the last.
                Delivered::Nothing if Sink::<T>::has_begun(at_home, last) => Delivered::All,
                delivered => delivered,
            }
        });
        if delivered == Delivered::All {
            self.is_delivered.store(true, Ordering::Relaxed);
        }
        delivered
    }

    fn after_callback(&self, then: Box<dyn FnOnce()>) {
        if let Some(at_home) = self.here() {
            Sink::<T>::after_callback(at_home, then);
        }
    }

    fn is_home(&self) -> bool {
        self.here().is_some()
    }

    fn receive(&self) -> Delivered {
        let all = self.channel.values.accepted();
        self.here().map_or(Delivered::All, |at_home| {
            self.channel.deliver_until(at_home, Some(all), None)
        })
    }

    fn set_waker(&self, waker: Option<&Waker>) {
        if let Some(at_home) = self.here() {
            *lock(&at_home.waiting) = waker.cloned();
        }
    }

    fn is_due(&self) -> bool {
        self.channel.values.await_values()
    }
}

impl<T: Send + 'static> Owned for TaskMessages<T> {
    fn begin(&self, life: Option<&Arc<Inactivity>>) {
        let mut owners = lock(&self.channel.owners);
        owners.count += 1;
        owners.lives.extend(life.cloned());
        self.channel.note_lives(&owners);
        self.channel.values.open();
    }

    fn end(&self, life: Option<&Arc<Inactivity>>) {
        task_messages::TaskMessages::shut(self);
        let mut owners = lock(&self.channel.owners);
        let is_its = |other: &Arc<_>| life.is_some_and(|life| Arc::ptr_eq(other, life));
        if let Some(index) = owners.lives.iter().position(is_its) {
            owners.lives.swap_remove(index);
        }
        self.channel.note_lives(&owners);
        // Nobody is told of the task, so nobody is of its messages. With the lock: another task may
        // begin, and send.
        let is_unwanted = !self.is_delivered.swap(true, Ordering::Relaxed) && owners.count == 0;
        let discarded = is_unwanted.then(|| self.channel.discard_sent());
        drop(owners);
        drop_quietly(discarded);
    }
}
