//! The queue of each context, with what this library keeps beside it: callbacks that any
//! thread may run, and values that have been reported.

mod item;

use std::{
    collections::HashMap,
    io, mem,
    sync::{
        Arc, Mutex, MutexGuard, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use glib::{MainContext, Priority};

pub(crate) use item::Item;

use crate::{
    context,
    home::Home,
    lock,
    port::AnyPort,
    progress::{self, Report},
    sent,
    table::{Entry, Table},
};

/// What is due on a context, for this library's tasks.
pub(crate) type Queue = context::Queue<Item>;

/// What is due at one priority of it.
pub(crate) type Level = context::Level<Item>;

/// A timeout of a task.
pub(crate) type Timer = context::Timer<Item>;

/// The queues of all contexts, by their addresses. One that is dead, or
/// that nobody uses, is replaced when its address is looked up.
static QUEUES: Mutex<Option<HashMap<usize, Weak<Queue>>>> = Mutex::new(None);

/// Callbacks that any thread may run, and results that any thread may have.
type SharedTable = Table<dyn Entry + Send, dyn AnyPort + Send + Sync>;

/// What there is one of for each context.
pub(crate) struct Shared {
    /// The callbacks that any thread may run.
    tasks: Mutex<SharedTable>,
    /// Those who have reported a value that was not delivered yet.
    progress: Mutex<Vec<Arc<dyn Report>>>,
    has_progress: AtomicBool,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            tasks: Mutex::new(Table::new()),
            progress: Mutex::default(),
            has_progress: AtomicBool::default(),
        }
    }
}

/// The level of `context` for tasks of `priority`.
///
/// # Errors
///
/// When the process is out of descriptors.
pub(crate) fn level(context: &MainContext, priority: Priority) -> io::Result<Arc<Level>> {
    let queue = {
        let mut queues = lock(&QUEUES);
        let queues = queues.get_or_insert_default();
        let address = address(context);
        let known = queues.get(&address).and_then(Weak::upgrade);
        if let Some(queue) = known.filter(|queue| queue.serves(context)) {
            queue
        } else {
            let queue = Queue::open(context)?;
            queues.insert(address, Arc::downgrade(&queue));
            queue
        }
    };
    Ok(queue.level(context, priority))
}

impl Queue {
    /// Notes that `reporter` has a value, and wakes the context through
    /// `level`. With the context dead, hands back what can't be delivered.
    #[must_use]
    pub(crate) fn push_progress(
        &self,
        level: &Level,
        reporter: Arc<dyn Report>,
    ) -> Vec<Arc<dyn Report>> {
        let home = reporter.home();
        let shared = &self.shared;
        {
            let mut progress = lock(&shared.progress);
            progress.push(reporter);
            // ORDERING: with the lock; a reader that sees it takes the lock.
            shared.has_progress.store(true, Ordering::Release);
        }
        match level.push(Item::Progress { home }) {
            Ok(()) => Vec::new(),
            Err(_) => mem::take(&mut *lock(&shared.progress)),
        }
    }

    /// Delivers the values that have been reported so far to this thread.
    pub(crate) fn deliver_progress(&self) {
        if !self.has_progress() {
            return;
        }
        let here = Home::thread();
        let shared = &self.shared;
        let next = || {
            let mut progress = lock(&shared.progress);
            let first = progress.iter().position(|reporter| reporter.home() == here);
            let next = first.map(|first| progress.remove(first));
            shared
                .has_progress
                .store(!progress.is_empty(), Ordering::Release);
            next
        };
        // As many as have reported by now; those that do meanwhile come later.
        let so_far = lock(&shared.progress).len();
        for reporter in (0..so_far).map_while(|_| next()) {
            reporter.deliver();
        }
    }

    /// The table of the callbacks that any thread may run.
    pub(crate) fn tasks(&self) -> MutexGuard<'_, SharedTable> {
        lock(&self.shared.tasks)
    }

    /// Whether somebody has reported a value that was not delivered yet.
    #[inline]
    pub(crate) fn has_progress(&self) -> bool {
        // ORDERING: a completion that was sent after a report is received
        // through the same lock, so the report is seen.
        self.shared.has_progress.load(Ordering::Acquire)
    }
}

/// The context of `queue` is dead: everything that waits for it is dropped, uncalled.
fn bury(queue: &Queue, discard: impl FnOnce()) {
    if let Some(queues) = &mut *lock(&QUEUES)
        && let Some(known) = queues.get(&queue.context_address())
        && std::ptr::eq(known.as_ptr(), queue)
    {
        queues.remove(&queue.context_address());
    }
    let waiting = mem::take(&mut *lock(&queue.shared.progress));
    let tasks = queue.tasks().purge(|_| true);
    Home::with(|home| {
        home.collect();
        home.purge(|dead| std::ptr::eq(dead, queue));
    });
    sent::announce_death();
    discard();
    // Unlocked: destructors are foreign code.
    progress::discard(waiting);
    drop(tasks);
}

#[inline]
fn address(context: &MainContext) -> usize {
    context.as_ptr().addr()
}
