//! Which `Progress`es of a context have a value to deliver, and the callbacks that they are for.
//! The value itself waits in its [`Progress`](crate::Progress), where a newer one replaces it.

use std::{
    any::Any,
    mem,
    panic::Location,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use slab::Slab;

use super::{
    home::{self, Home},
    item::{Item, PassedOver},
    node::{Level, Queue},
};
use crate::base::{quietly::quietly, sync::lock};

/// Somebody who may have a value for a callback, of whatever type.
pub(crate) trait Reporter: Send + Sync {
    /// The thread of the callback.
    fn home(&self) -> Home;
    /// Where it was made.
    fn place(&self) -> &'static Location<'static>;
    /// Calls the callback, at home, if there is a value.
    fn deliver(self: Arc<Self>);
    /// Drops the value, if there is one: its context is dead.
    fn discard(&self);
}

/// Those who have reported a value that was not delivered yet, on one context.
#[derive(Default)]
pub(crate) struct Reports {
    reporters: Mutex<Vec<Arc<dyn Reporter>>>,
    any: AtomicBool,
}

impl Reports {
    /// Whether there is any.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        // ORDERING: a completion that was sent after a report is received
        // through the same lock, so the report is seen.
        self.any.load(Ordering::Acquire)
    }

    /// Notes that `reporter` has a value, and wakes the context through
    /// `level`. With the context dead, hands back what can't be delivered.
    #[must_use]
    pub(crate) fn push(
        &self,
        level: &Level,
        reporter: Arc<dyn Reporter>,
    ) -> Vec<Arc<dyn Reporter>> {
        let item = Item::Progress {
            home: reporter.home(),
            place: reporter.place(),
            passed_over: PassedOver::default(),
        };
        {
            let mut reporters = lock(&self.reporters);
            reporters.push(reporter);
            // ORDERING: with the lock; a reader that sees it takes the lock.
            self.any.store(true, Ordering::Release);
        }
        match level.push(item) {
            Ok(()) => Vec::new(),
            Err(_) => self.take_all(),
        }
    }

    /// Delivers the values that have been reported so far to this thread.
    pub(crate) fn deliver_all(&self) {
        if !self.any() {
            return;
        }
        let here = home::here();
        let next = || {
            let mut reporters = lock(&self.reporters);
            let first = reporters
                .iter()
                .position(|reporter| reporter.home() == here);
            let next = first.map(|first| reporters.remove(first));
            self.any.store(!reporters.is_empty(), Ordering::Release);
            next
        };
        // As many as have reported by now; those that do meanwhile come later.
        let so_far = lock(&self.reporters).len();
        for reporter in (0..so_far).map_while(|_| next()) {
            reporter.deliver();
        }
    }

    pub(super) fn take_all(&self) -> Vec<Arc<dyn Reporter>> {
        mem::take(&mut lock(&self.reporters))
    }
}

/// Drops values that can't be delivered, and nobody hears of it if one panics.
pub(crate) fn discard(undeliverable: Vec<Arc<dyn Reporter>>) {
    for reporter in undeliverable {
        quietly(|| reporter.discard());
    }
}

/// The callbacks of one thread, each with the level that it waits for: until
/// that one is dead, its number is not given to another callback of the level.
#[derive(Default)]
pub(crate) struct Callbacks(Slab<(Arc<Level>, Rc<dyn Any>)>);

impl Callbacks {
    /// Says by which number it is found.
    pub(crate) fn insert(&mut self, level: Arc<Level>, callback: Rc<dyn Any>) -> usize {
        self.0.insert((level, callback))
    }

    pub(crate) fn get(&self, queue: &Queue, index: usize) -> Option<Rc<dyn Any>> {
        let (level, callback) = self.0.get(index)?;
        std::ptr::eq(Arc::as_ptr(&level.queue), queue).then(|| callback.clone())
    }

    pub(super) fn remove(&mut self, queue: &Queue, index: usize) -> Option<Rc<dyn Any>> {
        self.get(queue, index)?;
        Some(self.0.remove(index).1)
    }

    /// Takes out those whose queue is dead.
    pub(super) fn remove_dead(&mut self, is_dead: impl Fn(&Queue) -> bool) -> Vec<Rc<dyn Any>> {
        let all = self.0.iter();
        let dead = all.filter(|(_, (level, _))| is_dead(&level.queue));
        let dead: Vec<usize> = dead.map(|(index, _)| index).collect();
        let dead = dead.into_iter().map(|index| self.0.remove(index).1);
        dead.collect()
    }

    /// Leaks what waits.
    pub(super) fn leak(&mut self) {
        self.0.drain().for_each(mem::forget);
    }
}
