//! [`Sink`]: the callback of messages, and how it is called with what has been sent.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
    sync::{Arc, Weak},
    time::Instant,
};

use super::channel::{AtHome, Channel};
use crate::{
    base::{bounded::Batch, quietly::drop_quietly, until::Until},
    node::{registry, reports, task_messages::Delivered},
    observe::{Hold, Place, Watched},
};

pub(super) type Callback<T> = Box<dyn FnMut(T)>;

/// See the module's documentation. It stays at home.
pub(super) struct Sink<T: Send + 'static> {
    /// Absent while it runs.
    callback: RefCell<Option<Callback<T>>>,
    /// With how many of all that were ever sent it has been called, or is being called.
    begun: Cell<u64>,
    /// Messages came up, in a nested loop, while it ran.
    missed: Cell<bool>,
    /// What is to be done when it has returned.
    afterwards: RefCell<Vec<Box<dyn FnOnce()>>>,
    channel: Weak<Channel<T>>,
}

impl<T: Send + 'static> Sink<T> {
    pub(super) fn new(callback: Callback<T>, channel: Weak<Channel<T>>) -> Self {
        Self {
            callback: RefCell::new(Some(callback)),
            begun: Cell::new(0),
            missed: Cell::new(false),
            afterwards: RefCell::default(),
            channel,
        }
    }

    /// Calls `look` with the one of a channel, at home, unless that is dead.
    fn with<R>(at_home: &AtHome, look: impl FnOnce(&Self) -> R) -> Option<R> {
        let sink: Rc<dyn Any> = registry::callback(&at_home.queue, at_home.index)?;
        sink.downcast_ref().map(look)
    }

    /// Whether the callback that is running further up this stack has been called with the first
    /// `last` of all that were ever sent.
    pub(super) fn has_begun(at_home: &AtHome, last: u64) -> bool {
        Self::with(at_home, |sink| sink.begun.get() >= last).unwrap_or(true)
    }

    /// Calls `then` when the callback has returned that is running further up this stack.
    pub(super) fn after_callback(at_home: &AtHome, then: Box<dyn FnOnce()>) {
        Self::with(at_home, |sink| sink.afterwards.borrow_mut().push(then));
    }
}

impl<T: Send + 'static> reports::AtHome for Sink<T> {
    fn leaked(&self) {
        // What waits is left to who sends, and dropped with the last of those: some of what that
        // needs may be gone from this thread.
        if let Some(channel) = self.channel.upgrade() {
            channel.values.close();
            drop_quietly(channel);
        }
    }
}

impl<T: Send + 'static> Channel<T> {
    /// Calls the callback, until `end`, with the first `last` of all that were ever sent, or else
    /// with what has come in when they were taken. Called at home.
    pub(super) fn deliver_until(
        self: &Arc<Self>,
        at_home: &AtHome,
        last: Option<u64>,
        end: Option<Instant>,
    ) -> Delivered {
        let deliver = |sink: &Sink<T>| {
            let Some(callback) = sink.callback.take() else {
                sink.missed.set(true);
                return Delivered::Nothing;
            };
            let mut calling = Calling {
                channel: self,
                at_home,
                sink,
                callback: Some(callback),
                batch: None,
                comes_next: false,
            };
            calling.run(last, end)
        };
        // Without one the context is dead, and nothing is left.
        Sink::with(at_home, deliver).unwrap_or(Delivered::All)
    }
}

/// The callback is being called. This puts it back, also when it unwinds, and what is left.
struct Calling<'a, T: Send + 'static> {
    channel: &'a Arc<Channel<T>>,
    at_home: &'a AtHome,
    sink: &'a Sink<T>,
    callback: Option<Callback<T>>,
    batch: Option<Batch<T>>,
    /// What is left comes next, without being queued.
    comes_next: bool,
}

impl<T: Send + 'static> Calling<'_, T> {
    fn run(&mut self, last: Option<u64>, end: Option<Instant>) -> Delivered {
        let values = &self.channel.values;
        let mut end = end.map(Until::new);
        let Some(callback) = &mut self.callback else {
            return Delivered::Nothing;
        };
        loop {
            let batch = self.batch.insert(values.take());
            let is_over = |batch: &Batch<T>| last.is_some_and(|last| batch.first >= last);
            while !is_over(batch)
                && let Some(value) = batch.values.pop_front()
            {
                self.sink.begun.set(batch.first + 1);
                if self.channel.is_unwanted(batch.first) {
                    drop_quietly(value);
                } else if Hold::is_wanted() {
                    call_watched(callback, value, self.at_home.location);
                } else {
                    callback(value);
                }
                values.count_off(batch);
                if !self.at_home.queue.is_open() {
                    return Delivered::All;
                }
                let is_some_left = !batch.values.is_empty() && !is_over(batch);
                if is_some_left && end.as_mut().is_some_and(Until::has_come) {
                    self.comes_next = true;
                    return Delivered::Some;
                }
            }
            // What has come in since it was taken has been queued by itself.
            if last.is_none() || is_over(batch) {
                return Delivered::All;
            }
            values.put_back(batch);
        }
    }
}

/// Out of the way: to keep a place for the watch costs more than all else that is done for a
/// value.
#[cold]
fn call_watched<T>(callback: &mut Callback<T>, value: T, location: &'static Location<'static>) {
    let place = Place::in_rust(location);
    let _hold = Hold::begin(|| Watched::Messages { name: None, place });
    callback(value);
}

impl<T: Send + 'static> Drop for Calling<'_, T> {
    fn drop(&mut self) {
        let Self { channel, sink, .. } = self;
        *sink.callback.borrow_mut() = self.callback.take();
        let mut is_some_left = false;
        if let Some(batch) = &mut self.batch {
            is_some_left = !batch.values.is_empty();
            channel.values.put_back(batch);
        }
        if sink.missed.take() || is_some_left && !self.comes_next {
            channel.queue_up(self.at_home);
        }
        for then in sink.afterwards.take() {
            then();
        }
        // With the context dead it is not empty.
        drop_quietly(self.batch.take());
    }
}
