//! [`Levels`]: what is due at each priority of a context, in the order of the priorities.

use std::{
    any::Any,
    collections::VecDeque,
    mem,
    sync::{Arc, Mutex},
    time::Instant,
};

use glib::Priority;

use crate::base::sync::lock;

/// A level, as the queue of its context knows it. A trait, so that the queue's file need not
/// know levels, which know their queue.
pub(super) trait AtPriority<D>: Any + Send + Sync {
    fn priority(&self) -> Priority;

    /// Since when something is due that has had no turn.
    fn due_since(&self) -> Option<i64>;

    /// Does what is due, until `end` if there is more.
    fn take_turn(self: Arc<Self>, end: Instant);

    /// Looks again whether the thread that the rest is for iterates the context.
    fn retry(&self);

    /// Another thread iterates the context: what was left may be for that.
    fn look_again(&self);

    /// The context is dead: takes out what waits for it.
    fn close(&self) -> [VecDeque<D>; 3];
}

/// See the module's documentation.
pub(super) struct Levels<D>(Mutex<Vec<Arc<dyn AtPriority<D>>>>);

impl<D: 'static> Levels<D> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// The level of this priority, which is made by `open` if there is none. One is added as
    /// long as `is_open` says so; else it is closed at once.
    pub(super) fn get<L: AtPriority<D>>(
        &self,
        priority: Priority,
        open: impl FnOnce() -> Arc<L>,
        is_open: impl FnOnce() -> bool,
    ) -> Arc<L> {
        let mut levels = lock(&self.0);
        let place = place(&levels, priority);
        if let Some(level) = known(&levels, place, priority) {
            return level;
        }
        let level = open();
        if is_open() {
            levels.insert(place, level.clone());
        } else {
            drop(level.close());
        }
        level
    }

    /// The level of this priority, if there is one.
    pub(super) fn find<L: AtPriority<D>>(&self, priority: Priority) -> Option<Arc<L>> {
        let levels = lock(&self.0);
        known(&levels, place(&levels, priority), priority)
    }

    /// Since when the most urgent of what is due has had no turn.
    pub(super) fn due_since(&self) -> Option<i64> {
        lock(&self.0).iter().find_map(|level| level.due_since())
    }

    /// Another thread iterates the context.
    pub(super) fn look_again(&self) {
        lock(&self.0).iter().for_each(|level| level.look_again());
    }

    /// Does what is due at whatever priority, in order, until `end`.
    pub(super) fn take_turn(&self, end: Instant) {
        loop {
            let due = |level: &&Arc<dyn AtPriority<D>>| level.due_since().is_some();
            // Unlocked: what is done may make a level.
            let Some(level) = lock(&self.0).iter().find(due).cloned() else {
                break;
            };
            level.take_turn(end);
            if Instant::now() >= end {
                break;
            }
        }
    }

    /// Takes out all of them, and what waits for each.
    pub(super) fn close(&self) -> impl Sized {
        let levels = mem::take(&mut *lock(&self.0));
        let left: Vec<_> = levels.iter().map(|level| level.close()).collect();
        (left, levels)
    }
}

/// Where the level of this priority is, or would be.
fn place<D: 'static>(levels: &[Arc<dyn AtPriority<D>>], priority: Priority) -> usize {
    levels.partition_point(|known| known.priority() < priority)
}

fn known<D: 'static, L: AtPriority<D>>(
    levels: &[Arc<dyn AtPriority<D>>],
    place: usize,
    priority: Priority,
) -> Option<Arc<L>> {
    let known = levels.get(place)?;
    let level: Arc<dyn Any + Send + Sync> = known.clone();
    let is_it = known.priority() == priority;
    level.downcast().ok().filter(|_| is_it)
}
