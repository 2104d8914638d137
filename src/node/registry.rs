//! [`Registry`]: the tasks that were made on one thread and have not ended, kept in that
//! thread's own storage: for what must be found when a context dies, or the thread.

use std::{
    cell::RefCell,
    mem,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use glib::{MainContext, Priority};

use super::{
    completer::{Completer, Made},
    events, home, levels,
    mailbox::{self, Mail, Mailbox},
    node::{Level, NodeRef, Queue},
    reports::{AtHome, Callbacks},
    runner,
    tasks::Tasks,
    withdrawn::{Orphan, Withdrawn, tell_of, warn_of},
};
use crate::base::{fork, quietly::quietly, sync::lock, this_thread};

thread_local! {
    static REGISTRY: Registry = Registry::new();
}

/// What the panic says when this thread's storage is gone.
const ENDING: &str = "a task is not made as its thread ends";

/// See the module's documentation.
struct Registry {
    tasks: RefCell<Tasks>,
    /// The callbacks of each `Progress`, and of messages, that were made on this thread.
    callbacks: RefCell<Callbacks>,
    mailbox: Arc<Mailbox>,
    /// Whether this is the thread that the process began with.
    is_main: bool,
}

/// Makes this thread's registry, which hears of the thread's end.
pub(crate) fn open() {
    Registry::with(|_| ());
}

/// Whether this is the thread that the process began with.
#[cfg(feature = "capi")]
pub(crate) fn is_main() -> bool {
    Registry::with(|registry| registry.is_main).unwrap_or_default()
}

/// The level of `context`, on which this thread may run callbacks, for tasks of `priority`.
///
/// # Panics
///
/// Panics as this thread ends.
#[inline]
#[track_caller]
pub(crate) fn level(context: &MainContext, priority: Priority) -> Arc<Level> {
    let collected = Registry::with(Registry::collect);
    collected.expect(ENDING);
    levels::level(context, priority)
}

/// Keeps a task that was just made until it has ended: this thread does where it is at home
/// here, and the queue of its context where it is for any thread.
///
/// # Panics
///
/// Panics as this thread ends.
#[inline]
pub(crate) fn keep<T: 'static, E: 'static>(made: Made<T, E>) -> Completer<T, E> {
    let Made {
        completer,
        registered,
    } = made;
    if registered.home.is_some() {
        let inserted = Registry::with(|registry| {
            let mut tasks = registry.tasks.borrow_mut();
            let serial = tasks.next_serial();
            tasks.insert(registered, serial);
        });
        inserted.expect(ENDING);
    } else {
        keep_for_any_thread(&registered);
    }
    completer
}

fn keep_for_any_thread(node: &NodeRef) {
    static NEXT_SERIAL: AtomicU32 = AtomicU32::new(0);
    // ORDERING: a number of its own is all that a task needs.
    let serial = NEXT_SERIAL.fetch_add(1, Ordering::Relaxed);
    let queue = &node.level.queue;
    lock(&queue.per_context.tasks).insert(node.clone(), serial);
    if !queue.is_open() {
        // Another thread has just destroyed a source of the queue, and what the queue
        // kept was dropped: either with this node, or before it was there.
        let registered = remove(node);
        drop((registered, Withdrawn::new(node)));
    }
}

/// Takes a task out of where it is kept. Called at its home.
#[inline]
pub(super) fn remove(node: &NodeRef) -> Option<NodeRef> {
    if node.home.is_some() {
        Registry::with(|registry| registry.tasks.borrow_mut().remove(node))?
    } else {
        lock(&node.level.queue.per_context.tasks).remove(node)
    }
}

/// Takes the callback of a task back, uncalled, unless it is too late. Called at home, where what
/// this returns is dropped.
#[cfg(feature = "capi")]
pub(crate) fn withdraw(node: &NodeRef) -> Option<Withdrawn> {
    let withdrawn = Withdrawn::new(node);
    remove(node).and(withdrawn)
}

/// Keeps the callback of a `Progress` of this thread. `None` as the thread ends.
pub(crate) fn insert_callback(level: Arc<Level>, callback: Rc<dyn AtHome>) -> Option<usize> {
    Registry::with(|registry| registry.callbacks.borrow_mut().insert(level, callback))
}

/// The callback of a `Progress` of this thread.
pub(crate) fn callback(queue: &Queue, index: usize) -> Option<Rc<dyn AtHome>> {
    Registry::with(|registry| registry.callbacks.borrow().get(queue, index))?
}

/// Lets go of the callback of a `Progress` of this thread.
pub(super) fn remove_callback(queue: &Queue, index: usize) -> Option<Rc<dyn AtHome>> {
    Registry::with(|registry| registry.callbacks.borrow_mut().remove(queue, index))?
}

/// Does what other threads have sent here for.
#[inline]
pub(super) fn collect() {
    Registry::with(Registry::collect);
}

/// The context of `queue` is dead: everything that waits for it is dropped, uncalled.
pub(super) fn drop_all_of(queue: &Queue) {
    levels::forget_queue(queue);
    let undeliverable = queue.per_context.reports.take_all();
    let closed = queue.per_context.channels.close_all();
    let tasks = lock(&queue.per_context.tasks).remove_all();
    let withdrawn: Vec<_> = tasks.iter().filter_map(Withdrawn::new).collect();
    Registry::with(|registry| {
        registry.collect();
        registry.drop_dead(|dead| std::ptr::eq(dead, queue));
    });
    mailbox::announce_death();
    // Unlocked: destructors are foreign code.
    drop((undeliverable, closed));
    drop((withdrawn, tasks));
}

impl Registry {
    fn new() -> Self {
        Self {
            tasks: RefCell::default(),
            callbacks: RefCell::default(),
            mailbox: Mailbox::open(),
            is_main: this_thread::is_main(),
        }
    }

    /// This thread's registry, unless the thread is about to end.
    #[inline]
    fn with<R>(f: impl FnOnce(&Self) -> R) -> Option<R> {
        if home::has_ended() {
            return None;
        }
        REGISTRY.try_with(f).ok()
    }

    #[inline]
    fn collect(&self) {
        if self.mailbox.has_any() {
            self.open_mail();
        }
    }

    #[cold]
    fn open_mail(&self) {
        for mail in self.mailbox.take() {
            // Destructors are foreign code: a panic of theirs would come up in whichever call
            // of the library happens to open the mail.
            quietly(|| match mail {
                Mail::Context(context) => drop(context),
                Mail::Death => self.drop_dead(|queue| !queue.is_open()),
            });
        }
    }

    /// Drops, uncalled, what can never be delivered.
    fn drop_dead(&self, is_dead: impl Fn(&Queue) -> bool) {
        levels::forget_last(&is_dead);
        let tasks = self.tasks.borrow_mut().remove_dead(&is_dead);
        let withdrawn: Vec<_> = tasks.iter().filter_map(Withdrawn::new).collect();
        let callbacks = self.callbacks.borrow_mut().remove_dead(&is_dead);
        // No longer borrowed: destructors are foreign code.
        drop((withdrawn, tasks, callbacks));
    }
}

/// On Windows the system calls this with its loader locked, for which others may wait with any
/// lock: so nothing here waits for what another thread does, or writes to a log. Wakers of other
/// threads are woken.
impl Drop for Registry {
    fn drop(&mut self) {
        home::end();
        if fork::is_child() {
            // There it is the process that ends, and not this thread alone.
            if cfg!(windows) {
                quietly(events::exit);
            }
            // Of what is left some needs locks.
            self.callbacks.get_mut().leak();
            mem::forget(self.tasks.take());
            return;
        }
        // On Windows a process may go on without its first thread: its end is told of above.
        if self.is_main && !cfg!(windows) {
            events::exit();
        }
        mailbox::close();
        drop(self.mailbox.take());
        // Destructors may need storage of this thread that is gone already.
        self.callbacks.get_mut().leak_and_tell();
        let tasks = self.tasks.get_mut().remove_all();
        let orphans: Vec<_> = tasks.iter().filter_map(Orphan::new).collect();
        // Where this one may not, the thread does that which forgets them.
        let may_log = !cfg!(windows);
        if may_log {
            tell_of(&orphans);
        }
        // When all are leaked: who is woken may complete another one.
        orphans.iter().for_each(Orphan::abandon);
        // At the end of the process everything is left where it is.
        if self.is_main && may_log {
            mem::forget(orphans);
            return;
        }
        if orphans.is_empty() {
            return;
        }
        if may_log {
            warn_of(&orphans);
        }
        runner::run_alone(runner::Job::Forget(orphans.into()));
    }
}
