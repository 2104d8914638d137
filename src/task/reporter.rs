//! [`Reporter`]: what the clones of a [`Progress`](super::progress::Progress) share, and how its
//! callback is called.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use crate::{
    base::{fork, pace::Pace, quietly::drop_quietly, sync::lock},
    node::{
        context_ref::ContextRef,
        home::{self, Home},
        inactivity::Inactivity,
        item::Item,
        node::Level,
        owner::Owned,
        registry,
        reports::{self, AtHome, Reports, Undeliverable},
    },
    observe::{Hold, Place, Watched},
};

/// The side of a `Progress` that any thread may touch.
pub(super) struct Reporter<T: Send + 'static> {
    slot: Mutex<Slot<T>>,
    level: Arc<Level>,
    home: Home,
    /// Where the `Progress` was made.
    location: &'static Location<'static>,
    index: usize,
}

/// What has been reported, and what becomes of it.
struct Slot<T> {
    value: Option<T>,
    /// By which number it was noted last that there is a value.
    number: Option<u64>,
    pace: Pace,
    /// How many of the tasks that it belongs to have not ended. `None` when it belongs to none.
    owners: Option<usize>,
    /// Those of them for which a report is a sign of life.
    lives: Vec<Arc<Inactivity>>,
}

type Callback<T> = Box<dyn FnMut(T)>;

impl<T: 'static> AtHome for Sink<T> {}

/// What a `Progress` reports to, at home.
struct Sink<T> {
    /// Absent while it runs.
    callback: RefCell<Option<Callback<T>>>,
    /// A value came up, in a nested loop, while it ran.
    missed: Cell<bool>,
}

const PRIORITY: glib::Priority = glib::Priority::DEFAULT_IDLE;

impl<T: Send + 'static> Reporter<T> {
    /// A reporter to `callback`, on this thread and its default context.
    ///
    /// # Panics
    ///
    /// As the public functions say that make a `Progress`.
    #[track_caller]
    pub(super) fn new(interval: Duration, callback: Callback<T>) -> Arc<Self> {
        let location = Location::caller();
        let level = registry::level(ContextRef::current().get(), PRIORITY);
        let sink: Sink<T> = Sink {
            callback: RefCell::new(Some(callback)),
            missed: Cell::new(false),
        };
        let index = registry::insert_callback(level.clone(), Rc::new(sink));
        Arc::new(Self {
            slot: Mutex::new(Slot {
                value: None,
                number: None,
                pace: Pace::new(interval),
                owners: None,
                lives: Vec::new(),
            }),
            level,
            home: home::here(),
            location,
            index: index.expect("the thread does not end: it had a level just now"),
        })
    }

    /// Takes in what is reported, on any thread. What can't be delivered is dropped.
    pub(super) fn report(self: &Arc<Self>, value: T) {
        let mut slot = lock(&self.slot);
        if slot.owners == Some(0) {
            // Unlocked: its destructor is foreign.
            drop(slot);
            return drop(value);
        }
        slot.lives.iter().for_each(|life| life.touch());
        let replaced = slot.value.replace(value);
        // Noted before the value can be replaced by a clone of this, whose report is then as
        // good as noted.
        let noted = match replaced {
            None => self.note(&mut slot),
            Some(_) => Ok(()),
        };
        drop(slot);
        drop(replaced);
        drop(noted);
    }

    /// Notes that there is a value. Hands back what can't be delivered.
    fn note(self: &Arc<Self>, slot: &mut Slot<T>) -> Result<(), Undeliverable> {
        let number = self.reports().push(self.clone(), &self.level)?;
        slot.number = Some(number);
        Ok(())
    }

    fn reports(&self) -> &Reports {
        &self.level.queue.per_context.reports
    }

    /// Takes the value out, for the callback to be called with it now.
    fn take(&self) -> Option<T> {
        let mut slot = lock(&self.slot);
        let value = slot.value.take()?;
        slot.pace.called();
        Some(value)
    }
}

impl<T: Send + 'static> reports::Reporter for Reporter<T> {
    fn home(&self) -> Option<Home> {
        Some(self.home)
    }

    fn place(&self) -> Option<&'static Location<'static>> {
        Some(self.location)
    }

    fn level(&self) -> &Arc<Level> {
        &self.level
    }

    fn rests_until(&self) -> Option<Instant> {
        lock(&self.slot).pace.next()
    }

    fn deliver(self: Arc<Self>) {
        let Some(sink) = registry::callback(&self.level.queue, self.index) else {
            return self.discard();
        };
        let sink: Rc<dyn Any> = sink;
        let Some(sink) = sink.downcast_ref::<Sink<T>>() else {
            return;
        };
        let Some(callback) = sink.callback.take() else {
            // It runs further up this stack.
            sink.missed.set(true);
            return;
        };
        let mut calling = Calling {
            reporter: &self,
            sink,
            callback: Some(callback),
        };
        // One value: those that come meanwhile are noted anew, and a reporter that never rests
        // does not hold up the loop.
        let value = self.take();
        if let (Some(value), Some(callback)) = (value, &mut calling.callback) {
            let hold = Hold::begin(|| Watched::Progress {
                name: None,
                place: Place::in_rust(self.location),
            });
            callback(value);
            drop(hold);
        }
    }

    fn discard(&self) {
        let value = lock(&self.slot).value.take();
        drop(value);
    }
}

impl<T: Send + 'static> Owned for Reporter<T> {
    fn begin(&self, life: Option<&Arc<Inactivity>>) {
        let mut slot = lock(&self.slot);
        slot.owners = Some(slot.owners.unwrap_or(0) + 1);
        slot.lives.extend(life.cloned());
    }

    fn end(&self, life: Option<&Arc<Inactivity>>) {
        let mut slot = lock(&self.slot);
        let is_its = |other: &Arc<_>| life.is_some_and(|life| Arc::ptr_eq(other, life));
        if let Some(index) = slot.lives.iter().position(is_its) {
            slot.lives.swap_remove(index);
        }
        let left = slot.owners.map_or(0, |owners| owners.saturating_sub(1));
        slot.owners = Some(left);
        if left > 0 {
            return;
        }
        let value = slot.value.take();
        // One that rests would be kept until its time has come.
        let note = value
            .as_ref()
            .and(slot.number.take())
            .and_then(|number| self.reports().forget(number));
        // Unlocked: its destructor is foreign.
        drop(slot);
        drop(note);
        drop_quietly(value);
    }
}

/// Puts the callback back, also when it unwinds. What it has missed is noted anew then.
struct Calling<'a, T: Send + 'static> {
    reporter: &'a Arc<Reporter<T>>,
    sink: &'a Sink<T>,
    callback: Option<Callback<T>>,
}

impl<T: Send + 'static> Drop for Calling<'_, T> {
    fn drop(&mut self) {
        *self.sink.callback.borrow_mut() = self.callback.take();
        if !self.sink.missed.take() {
            return;
        }
        let mut slot = lock(&self.reporter.slot);
        let noted = match slot.value {
            Some(_) => self.reporter.note(&mut slot),
            None => Ok(()),
        };
        drop(slot);
        drop(noted);
    }
}

impl<T: Send + 'static> Drop for Reporter<T> {
    fn drop(&mut self) {
        if fork::is_child() {
            return;
        }
        let release = Item::Release {
            home: self.home,
            index: self.index,
        };
        let _ = self.level.push(release);
    }
}
