//! [`Item`]: what is due on a context for this library, and what its queue keeps besides:
//! callbacks that any thread may run, and values that have been reported.

use std::{
    collections::HashMap,
    io, mem,
    num::NonZero,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use glib::{MainContext, Priority};

use super::{
    header::Withdrawn,
    mailbox,
    node::NodeRef,
    registry::{self, Registry, Tasks},
};
use crate::{
    base::state::Interrupt,
    context::{self, Due},
    lock,
    progress::{self, Report},
};

/// What is due on a context.
pub(crate) type Queue = context::Queue<Item>;

/// What is due at one priority of it.
pub(crate) type Level = context::Level<Item>;

/// A timeout of a task.
pub(crate) type Timer = context::Timer<Item>;

/// Something to be done on the thread of a context.
pub(crate) enum Item {
    /// A task has been decided.
    Task(NodeRef),
    /// There is a value of a `Progress` of that thread.
    Progress { home: NonZero<u32> },
    /// A `Progress` was dropped.
    Release { home: NonZero<u32>, index: usize },
}

impl Due for Item {
    type Shared = Shared;
    type Timed = NodeRef;

    /// A callback that is not `Send` stays on its thread even when another one iterates
    /// the context.
    fn is_for_this_thread(&self) -> bool {
        self.home().is_none_or(|home| home == registry::thread())
    }

    fn is_for_nobody(&self) -> bool {
        self.home().is_some_and(|home| !mailbox::is_alive(home))
    }

    #[inline]
    fn is_taken_back(&self) -> bool {
        matches!(self, Self::Task(node) if node.is_taken_back())
    }

    fn deliver(self, level: &Arc<Level>) {
        match self {
            Self::Task(node) => node.deliver(),
            Self::Progress { .. } => level.queue.deliver_progress(),
            Self::Release { index, .. } => {
                let released =
                    Registry::with(|registry| registry.sinks.borrow_mut().remove(level, index));
                drop(released);
            }
        }
    }

    fn time_out(node: NodeRef) {
        node.interrupt(Interrupt::TimedOut);
    }

    fn dispatched() {
        Registry::with(Registry::collect);
    }

    fn context_died(queue: &Queue) {
        queue.bury();
    }
}

impl Item {
    /// The number of the thread that it is for, if there is such a one.
    fn home(&self) -> Option<NonZero<u32>> {
        match self {
            Self::Task(node) => node.home,
            Self::Progress { home } | Self::Release { home, .. } => Some(*home),
        }
    }

    /// Whether it delivers to this task.
    pub(super) fn is_delivery_of(&self, task: &NodeRef) -> bool {
        matches!(self, Self::Task(node) if node == task)
    }
}

/// What there is one of for each context.
#[derive(Default)]
pub(crate) struct Shared {
    /// The tasks whose callbacks any thread may run.
    pub(super) tasks: Mutex<Tasks>,
    /// Those who have reported a value that was not delivered yet.
    progress: Mutex<Vec<Arc<dyn Report>>>,
    has_progress: AtomicBool,
}

/// The queues of all contexts, by their addresses. One that is dead, or
/// that nobody uses, is replaced when its address is looked up.
static QUEUES: Mutex<Option<HashMap<usize, Weak<Queue>>>> = Mutex::new(None);

/// The level of `context` for tasks of `priority`.
///
/// # Errors
///
/// When the process is out of descriptors.
pub(crate) fn level(context: &MainContext, priority: Priority) -> io::Result<Arc<Level>> {
    Ok(queue(context)?.level(context, priority))
}

fn queue(context: &MainContext) -> io::Result<Arc<Queue>> {
    let mut queues = lock(&QUEUES);
    let queues = queues.get_or_insert_default();
    let address = context::address(context);
    let known = queues.get(&address).and_then(Weak::upgrade);
    if let Some(queue) = known.filter(|queue| queue.serves(context)) {
        return Ok(queue);
    }
    let queue = Queue::open(context)?;
    queues.insert(address, Arc::downgrade(&queue));
    Ok(queue)
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
        let here = registry::thread();
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

    /// Whether somebody has reported a value that was not delivered yet.
    #[inline]
    pub(crate) fn has_progress(&self) -> bool {
        // ORDERING: a completion that was sent after a report is received
        // through the same lock, so the report is seen.
        self.shared.has_progress.load(Ordering::Acquire)
    }

    /// The context is dead: everything that waits for it is dropped, uncalled.
    fn bury(&self) {
        if let Some(queues) = &mut *lock(&QUEUES)
            && let Some(known) = queues.get(&self.context_address())
            && std::ptr::eq(known.as_ptr(), self)
        {
            queues.remove(&self.context_address());
        }
        let waiting = mem::take(&mut *lock(&self.shared.progress));
        let tasks = lock(&self.shared.tasks).remove_all();
        let tasks: Vec<_> = tasks.into_iter().filter_map(Withdrawn::new).collect();
        Registry::with(|registry| {
            registry.collect();
            registry.purge(|dead| std::ptr::eq(dead, self));
        });
        mailbox::announce_death();
        // Unlocked: destructors are foreign code.
        progress::discard(waiting);
        drop(tasks);
    }
}
