//! The queues of all contexts, by their addresses, and the level that a thread used last.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::{Arc, Mutex, Weak},
};

use glib::{MainContext, Priority};

use super::node::{Level, Queue};
use crate::{
    base::{stay_loaded, sync::lock},
    context::current::address,
};

/// One that is dead, or that nobody uses, is replaced when its address is looked up.
static QUEUES: Mutex<Option<HashMap<usize, Weak<Queue>>>> = Mutex::new(None);

thread_local! {
    static LAST: Last = const {
        Last {
            level: RefCell::new(None),
            spare: Cell::new(None),
        }
    };
}

/// The level that a thread used last; most threads use one.
struct Last {
    level: RefCell<Option<Arc<Level>>>,
    /// Another reference on it that one task at a time may have: to count costs as much
    /// as all else that a task does with its level.
    spare: Cell<Option<Arc<Level>>>,
}

/// The level of `context`, which is this thread's, for tasks of `priority`.
#[inline]
pub(super) fn level(context: &MainContext, priority: Priority) -> Arc<Level> {
    let last = LAST.try_with(|last| {
        let level = last.level.borrow();
        let level = level
            .as_ref()
            .filter(|level| level.serves(context, priority))?;
        Some(last.spare.take().unwrap_or_else(|| level.clone()))
    });
    match last {
        Ok(Some(level)) => level,
        _ => find(context, priority),
    }
}

#[cold]
fn find(context: &MainContext, priority: Priority) -> Arc<Level> {
    let level = level_of_any(context, priority);
    if context.is_owner() {
        level.queue.per_context.iterated.note();
    }
    let last = LAST.try_with(|last| {
        let replaced = last.level.replace(Some(level.clone()));
        (replaced, last.spare.take())
    });
    drop(last);
    level
}

/// The level of a context that may be another thread's. It is not kept: this thread may never
/// use the library again, and not hear that the context is dead, whose descriptor would stay.
pub(crate) fn level_of_any(context: &MainContext, priority: Priority) -> Arc<Level> {
    Level::of(&queue(context), context, priority)
}

fn queue(context: &MainContext) -> Arc<Queue> {
    // Unlocked: it takes the lock of the system's loader, which may be held by who comes here.
    stay_loaded::begin();
    let mut queues = lock(&QUEUES);
    let queues = queues.get_or_insert_default();
    let address = address(context);
    let known = queues.get(&address).and_then(Weak::upgrade);
    if let Some(queue) = known.filter(|queue| queue.serves(context)) {
        return queue;
    }
    let queue = Queue::open(context);
    queues.insert(address, Arc::downgrade(&queue));
    queue
}

/// Keeps a reference on a level that a task has no more use for, if it is the last one's.
#[inline]
pub(super) fn give_back(level: Arc<Level>) {
    let replaced = LAST.try_with(|last| {
        let is_last = last
            .level
            .borrow()
            .as_ref()
            .is_some_and(|last| Arc::ptr_eq(last, &level));
        is_last.then(|| last.spare.replace(Some(level)))
    });
    drop(replaced);
}

/// The context of `queue` is dead: nobody finds it any more.
pub(super) fn forget_queue(queue: &Queue) {
    if let Some(queues) = &mut *lock(&QUEUES)
        && let Some(known) = queues.get(&queue.context_address())
        && std::ptr::eq(known.as_ptr(), queue)
    {
        queues.remove(&queue.context_address());
    }
}

/// Lets go of the level that this thread used last, if it is dead.
pub(super) fn forget_last(is_dead: impl Fn(&Queue) -> bool) {
    let dead = LAST.try_with(|last| {
        let dead = last
            .level
            .borrow_mut()
            .take_if(|level| is_dead(&level.queue))?;
        Some((dead, last.spare.take()))
    });
    // No longer borrowed: with the queue, what others share may go.
    drop(dead);
}
