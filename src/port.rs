//! [`Port`]: where results wait for the callbacks of one thread or context.
//!
//! A task may end on any thread where its result may go, and only the types
//! of the task know which threads those are. So the result is left where both
//! the task and its home look with their types on: one place for all tasks
//! with the same types and the same level.

use std::{
    any::Any,
    mem,
    sync::{Arc, Mutex, Weak},
};

use slab::Slab;

use crate::{Error, control::Place, delivery::Level, lock, trim};

/// See the module's documentation.
pub(crate) struct Port<T, E> {
    pub(crate) level: Arc<Level>,
    pub(crate) place: Place,
    /// The number of this port in the table of its place.
    pub(crate) number: u32,
    this: Weak<Self>,
    results: Mutex<Slab<Result<T, Error<E>>>>,
}

impl<T, E> Port<T, E> {
    pub(crate) fn new(level: Arc<Level>, place: Place, number: u32) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            level,
            place,
            number,
            this: this.clone(),
            results: Mutex::new(Slab::new()),
        })
    }

    /// Leaves `result`, to be taken by the number that this returns.
    pub(crate) fn put(&self, result: Result<T, Error<E>>) -> usize {
        lock(&self.results).insert(result)
    }

    pub(crate) fn take(&self, key: usize) -> Option<Result<T, Error<E>>> {
        let mut results = lock(&self.results);
        let result = results.try_remove(key);
        trim(&mut results);
        result
    }
}

impl<T, E> Drop for Port<T, E> {
    fn drop(&mut self) {
        if self.place == Place::Context || self.place.is_home() {
            return;
        }
        // Its thread is gone, and has warned of what it left behind.
        let results = mem::take(&mut *lock(&self.results));
        mem::forget(results);
    }
}

/// A port with its types erased.
pub(crate) trait AnyPort: Any {
    fn level(&self) -> &Arc<Level>;
    fn place(&self) -> Place;
    fn as_any(&self) -> &dyn Any;
    /// Drops a result that nobody wants any more.
    fn discard(&self, key: usize);
    /// Takes out all that is there, if anything.
    fn drain(&self) -> Option<Box<dyn Any>>;
}

impl<T: 'static, E: 'static> AnyPort for Port<T, E> {
    fn level(&self) -> &Arc<Level> {
        &self.level
    }

    fn place(&self) -> Place {
        self.place
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn discard(&self, key: usize) {
        let unwanted = self.take(key);
        drop(unwanted);
    }

    fn drain(&self) -> Option<Box<dyn Any>> {
        let results = mem::take(&mut *lock(&self.results));
        (!results.is_empty()).then(|| Box::new(results) as Box<dyn Any>)
    }
}

/// The port, when it is one of these types.
pub(crate) fn typed<T: 'static, E: 'static>(port: &dyn Any) -> Option<Arc<Port<T, E>>> {
    port.downcast_ref::<Port<T, E>>()?.this.upgrade()
}
