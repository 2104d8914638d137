//! Which reporters of a context have a value to deliver, and the callbacks that those of a
//! `Progress` are for. The value itself waits at its reporter, where a newer one replaces it.

use std::{
    any::Any,
    collections::BTreeMap,
    mem,
    panic::Location,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use slab::Slab;

use super::{
    home::{self, Home},
    item::{Item, PassedOver, Timed},
    node::{Level, NodeRef, Queue},
};
use crate::{
    base::{quietly::quietly, sync::lock},
    context::Timer,
};

/// Somebody who may have a value for a callback, of whatever type.
pub(crate) trait Reporter: Send + Sync {
    /// The thread of the callback. `None` for whichever iterates the context; then no completion
    /// delivers the value by itself.
    fn home(&self) -> Option<Home>;
    /// Where it was made, for those of one thread.
    fn place(&self) -> Option<&'static Location<'static>>;
    /// What the value is delivered through.
    fn level(&self) -> &Arc<Level>;
    /// Until when the callback is not to be called again, but for a completion. Asked where it
    /// would be called.
    fn rests_until(&self) -> Option<Instant>;
    /// Calls the callback, if there is a value. Called where `home` says.
    fn deliver(self: Arc<Self>);
    /// Drops the value, if there is one: its context is dead.
    fn discard(&self);
}

/// Those who have reported a value that was not delivered yet, on one context.
#[derive(Default)]
pub(crate) struct Reports {
    noted: Mutex<Noted>,
    any: AtomicBool,
}

#[derive(Default)]
struct Noted {
    /// By their numbers, and so in the order in which they were noted.
    notes: BTreeMap<u64, Note>,
    next_number: u64,
    /// How many of them a completion delivers.
    of_threads: usize,
}

impl Noted {
    fn insert(&mut self, note: Note) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        self.of_threads += usize::from(note.is_of_thread());
        self.notes.insert(number, note);
        number
    }

    fn remove(&mut self, number: u64) -> Option<Note> {
        let note = self.notes.remove(&number)?;
        self.of_threads -= usize::from(note.is_of_thread());
        Some(note)
    }
}

/// That a reporter has a value.
pub(crate) struct Note {
    reporter: Arc<dyn Reporter>,
    /// It rests, and is delivered after that.
    timer: Option<Timer>,
}

impl Note {
    fn is_of_thread(&self) -> bool {
        self.reporter.home().is_some()
    }
}

/// What is queued for a value that was noted by this number.
fn item(reporter: &dyn Reporter, number: u64) -> Item<NodeRef> {
    Item::Report {
        home: reporter.home(),
        place: reporter.place(),
        number,
        passed_over: PassedOver::default(),
    }
}

impl Reports {
    /// Whether there is any that a completion delivers.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        // ORDERING: a completion that was sent after a report is received
        // through the same lock, so the report is seen.
        self.any.load(Ordering::Acquire)
    }

    /// Notes that `reporter` has a value, wakes the context, and says by which number it is
    /// found. With the context dead, hands back what can't be delivered.
    pub(crate) fn push(
        &self,
        reporter: Arc<dyn Reporter>,
        level: &Level,
    ) -> Result<u64, Undeliverable> {
        let (number, item) = self.change(|noted| {
            let item = item(&*reporter, noted.next_number);
            let timer = None;
            (noted.insert(Note { reporter, timer }), item)
        });
        match level.push(item) {
            Ok(()) => Ok(number),
            Err(_) => Err(self.take_all()),
        }
    }

    /// Delivers what was noted by this number, unless that has been done, or its reporter rests:
    /// then it is sent again after that. Called in a dispatch.
    pub(super) fn deliver(&self, number: u64) {
        let Some(reporter) = self.find(number) else {
            return;
        };
        match reporter.rests_until() {
            Some(until) => self.send_at(until, number, &reporter.level().queue),
            None if self.forget(number).is_some() => reporter.deliver(),
            None => {}
        }
    }

    /// Sends what was noted by this number once more.
    pub(super) fn send(&self, number: u64) {
        if let Some(reporter) = self.find(number) {
            // With the context dead, all that is noted is being dropped.
            let _ = reporter.level().push(item(&*reporter, number));
        }
    }

    fn send_at(&self, time: Instant, number: u64, queue: &Arc<Queue>) {
        self.change(|noted| {
            // Else it was delivered meanwhile, or the context is dead, whose timers are gone.
            if let Some(note) = noted.notes.get_mut(&number) {
                let timer = queue.add_timer(time, Timed::Report(number), || true);
                note.timer = Some(timer);
            }
        });
    }

    /// Delivers the values that have been reported so far to this thread, also of those who rest.
    pub(crate) fn deliver_all(&self) {
        if !self.any() {
            return;
        }
        let here = Some(home::here());
        // Those that report meanwhile come later.
        let end = lock(&self.noted).next_number;
        let next = || {
            self.change(|noted| {
                let mut notes = noted.notes.range(..end);
                let first = notes.find(|(_, note)| note.reporter.home() == here);
                let number = first.map(|(number, _)| *number);
                number.and_then(|number| noted.remove(number))
            })
        };
        while let Some(Note { reporter, timer }) = next() {
            drop(timer);
            reporter.deliver();
        }
    }

    /// Takes out what was noted by this number, which is not delivered any more.
    pub(crate) fn forget(&self, number: u64) -> Option<Note> {
        self.change(|noted| noted.remove(number))
    }

    pub(super) fn take_all(&self) -> Undeliverable {
        Undeliverable(self.change(|noted| {
            noted.of_threads = 0;
            mem::take(&mut noted.notes)
        }))
    }

    fn find(&self, number: u64) -> Option<Arc<dyn Reporter>> {
        let noted = lock(&self.noted);
        let note = noted.notes.get(&number)?;
        Some(note.reporter.clone())
    }

    /// What `change` takes out it returns: to drop a reporter may be foreign.
    fn change<R>(&self, change: impl FnOnce(&mut Noted) -> R) -> R {
        let mut noted = lock(&self.noted);
        let result = change(&mut noted);
        // ORDERING: with the lock; a reader that sees it takes the lock.
        self.any.store(noted.of_threads > 0, Ordering::Release);
        result
    }
}

/// Those whose context is dead. Their values are dropped with this, and nobody hears of it if one
/// panics.
#[must_use = "destructors are foreign code"]
pub(crate) struct Undeliverable(BTreeMap<u64, Note>);

impl Drop for Undeliverable {
    fn drop(&mut self) {
        for Note { reporter, .. } in mem::take(&mut self.0).into_values() {
            quietly(|| reporter.discard());
        }
    }
}

/// The callback of a `Progress`, or of messages, at home.
pub(crate) trait AtHome: Any {
    /// Its thread ends, and it is leaked.
    fn leaked(&self) {}
}

/// The callbacks of one thread, each with the level that it waits for: until
/// that one is dead, its number is not given to another callback of the level.
#[derive(Default)]
pub(crate) struct Callbacks(Slab<(Arc<Level>, Rc<dyn AtHome>)>);

impl Callbacks {
    /// Says by which number it is found.
    pub(crate) fn insert(&mut self, level: Arc<Level>, callback: Rc<dyn AtHome>) -> usize {
        self.0.insert((level, callback))
    }

    pub(crate) fn get(&self, queue: &Queue, index: usize) -> Option<Rc<dyn AtHome>> {
        let (level, callback) = self.0.get(index)?;
        std::ptr::eq(Arc::as_ptr(&level.queue), queue).then(|| callback.clone())
    }

    pub(super) fn remove(&mut self, queue: &Queue, index: usize) -> Option<Rc<dyn AtHome>> {
        self.get(queue, index)?;
        Some(self.0.remove(index).1)
    }

    /// Takes out those whose queue is dead.
    pub(super) fn remove_dead(&mut self, is_dead: impl Fn(&Queue) -> bool) -> Vec<Rc<dyn AtHome>> {
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

    /// Leaks what waits, and tells it.
    pub(super) fn leak_and_tell(&mut self) {
        for (level, callback) in self.0.drain() {
            callback.leaked();
            mem::forget((level, callback));
        }
    }
}
