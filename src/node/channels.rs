//! [`Channel`]: messages that wait for a callback on a context, of whatever type; and
//! [`Channels`]: those of one context, which end as that dies.

use std::{
    panic::Location,
    sync::{Arc, Mutex, Weak},
    time::Instant,
};

use slab::Slab;

use super::home::Home;
use crate::base::{quietly::quietly, sync::lock};

/// See the module's documentation.
pub(crate) trait Channel: Send + Sync {
    /// The thread of the callback; `None` for whichever iterates the context. What has no callback
    /// is never queued.
    fn home(&self) -> Option<Home>;
    /// Where it was made.
    fn place(&self) -> Option<&'static Location<'static>>;
    /// Calls the callback with what had come in when this was queued, and what has come in since.
    /// Says that something is left as `end` has come. Called at home.
    fn deliver_batch(self: Arc<Self>, end: Instant) -> bool;
    /// Nothing is delivered any more, and who waits for room is told.
    fn close(&self);
    /// Drops what waits.
    fn discard(&self);
}

/// Those of one context.
#[derive(Default)]
pub(crate) struct Channels(Mutex<Slab<Weak<dyn Channel>>>);

impl Channels {
    /// Says by which number it is found.
    pub(crate) fn insert(&self, channel: Weak<dyn Channel>) -> usize {
        lock(&self.0).insert(channel)
    }

    pub(crate) fn remove(&self, number: usize) {
        let removed = lock(&self.0).try_remove(number);
        drop(removed);
    }

    /// The context is dead. They remove themselves as they are dropped.
    pub(super) fn close_all(&self) -> Closed {
        let all = lock(&self.0);
        let all = Closed(all.iter().filter_map(|(_, one)| one.upgrade()).collect());
        all.0.iter().for_each(|channel| channel.close());
        all
    }
}

/// Those whose context is dead. What waits is dropped with this, and nobody hears of it if that
/// panics.
#[must_use = "destructors are foreign code"]
pub(super) struct Closed(Vec<Arc<dyn Channel>>);

impl Drop for Closed {
    fn drop(&mut self) {
        for channel in self.0.drain(..) {
            quietly(|| channel.discard());
            quietly(|| drop(channel));
        }
    }
}
