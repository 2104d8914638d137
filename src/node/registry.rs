//! [`Registry`]: the tasks that were made on one thread and have not ended, kept in that
//! thread's own storage: for what must be found when a context dies, or the thread.

use std::{
    cell::{Cell, RefCell},
    io, mem,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use glib::{MainContext, Priority};

use super::{
    due::{self, Level, Queue},
    header::{Left, Withdrawn},
    mailbox::{self, Mail, Mailbox},
    node::NodeRef,
};
use crate::{FLOOD, G_LOG_DOMAIN, lock, observe, progress::Sinks, runner};

thread_local! {
    /// Without a destructor: it is there until the thread has ended.
    static THREAD: Cell<Option<NonZero<u32>>> = const { Cell::new(None) };
    static REGISTRY: Registry = Registry::new();
}

/// See the module's documentation.
pub(crate) struct Registry {
    tasks: RefCell<Tasks>,
    pub(crate) sinks: RefCell<Sinks>,
    mailbox: Arc<Mailbox>,
    /// The level that was used last; most threads use one.
    level: RefCell<Option<Arc<Level>>>,
    /// Another reference on it that one task at a time may have: to count costs as much
    /// as all else that a task does with its level.
    spare: Cell<Option<Arc<Level>>>,
    /// Whether this is the thread that the process began with.
    pub(crate) is_main: bool,
}

/// The number of this thread. No other thread ever has the same.
#[inline]
pub(crate) fn thread() -> NonZero<u32> {
    THREAD.get().unwrap_or_else(number_thread)
}

#[cold]
fn number_thread() -> NonZero<u32> {
    static LAST: AtomicU32 = AtomicU32::new(0);
    // ORDERING: a number of its own is all that a thread needs.
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        last.checked_add(1)
    });
    let number = last.expect("there are never as many threads") + 1;
    let number = NonZero::new(number);
    THREAD.set(number);
    number.expect("it is one more than another number")
}

/// What the panic says when this thread's storage is gone.
const ENDING: &str = "a task is not made as its thread ends";

/// Keeps `node` until its task has ended. It is at home here, or for any thread.
#[inline]
pub(super) fn insert(node: NodeRef) {
    if node.home.is_some() {
        let inserted = Registry::with(|registry| {
            let mut tasks = registry.tasks.borrow_mut();
            let turn = tasks.next_turn;
            tasks.next_turn = turn.wrapping_add(1);
            tasks.insert(node, turn);
        });
        inserted.expect(ENDING);
    } else {
        static NEXT_TURN: AtomicU32 = AtomicU32::new(0);
        // ORDERING: a number of its own is all that a task needs.
        let turn = NEXT_TURN.fetch_add(1, Ordering::Relaxed);
        let level = node.level.clone();
        lock(&level.queue.shared.tasks).insert(node, turn);
    }
}

/// Lets go of a node whose callback was taken: here, where it is at home.
#[inline]
pub(super) fn remove(node: &NodeRef) -> Option<NodeRef> {
    if node.home.is_some() {
        Registry::with(|registry| registry.tasks.borrow_mut().remove(node))?
    } else {
        lock(&node.level.queue.shared.tasks).remove(node)
    }
}

/// Tasks that have not ended, in no order.
#[derive(Default)]
pub(super) struct Tasks {
    nodes: Vec<NodeRef>,
    next_turn: u32,
}

impl Tasks {
    #[inline]
    fn insert(&mut self, node: NodeRef, turn: u32) {
        node.turn.store(turn, Ordering::Relaxed);
        set_index(&node, self.nodes.len());
        self.nodes.push(node);
    }

    #[inline]
    fn remove(&mut self, node: &NodeRef) -> Option<NodeRef> {
        let index = node.index.load(Ordering::Relaxed) as usize;
        if self.nodes.get(index) != Some(node) {
            return None;
        }
        let removed = self.nodes.swap_remove(index);
        if let Some(moved) = self.nodes.get(index) {
            set_index(moved, index);
        } else if self.nodes.is_empty() && self.nodes.capacity() > FLOOD {
            // What a flood needed is not kept for ever.
            self.nodes = Vec::new();
        }
        Some(removed)
    }

    /// Takes out those whose queue is dead.
    fn remove_dead(&mut self, is_dead: impl Fn(&Queue) -> bool) -> Vec<NodeRef> {
        let is_dead = |node: &mut NodeRef| is_dead(&node.level.queue);
        let dead = self.nodes.extract_if(.., is_dead).collect();
        for (index, node) in self.nodes.iter().enumerate() {
            set_index(node, index);
        }
        dead
    }

    /// Takes out all.
    pub(super) fn remove_all(&mut self) -> Vec<NodeRef> {
        mem::take(&mut self.nodes)
    }
}

#[inline]
fn set_index(node: &NodeRef, index: usize) {
    let index = u32::try_from(index).expect("memory ends before");
    // ORDERING: only who has the registry asks.
    node.index.store(index, Ordering::Relaxed);
}

/// Keeps a reference on a level that a task has no more use for.
#[inline]
pub(super) fn give_back(level: Arc<Level>) {
    Registry::with(|registry| registry.give_back(level));
}

impl Registry {
    fn new() -> Self {
        Self {
            tasks: RefCell::default(),
            sinks: RefCell::default(),
            mailbox: Mailbox::open(),
            level: RefCell::default(),
            spare: Cell::default(),
            is_main: is_main_thread(),
        }
    }

    /// This thread's registry, unless the thread is about to end.
    #[inline]
    pub(crate) fn with<R>(f: impl FnOnce(&Self) -> R) -> Option<R> {
        REGISTRY.try_with(f).ok()
    }

    /// The level of `context` for tasks of `priority`.
    #[inline]
    pub(crate) fn level(
        &self,
        context: &MainContext,
        priority: Priority,
    ) -> io::Result<Arc<Level>> {
        self.collect();
        if let Some(level) = &*self.level.borrow()
            && level.serves(context, priority)
        {
            return Ok(self.spare.take().unwrap_or_else(|| level.clone()));
        }
        let level = due::level(context, priority)?;
        let last = (self.level.replace(Some(level.clone())), self.spare.take());
        drop(last);
        Ok(level)
    }

    #[inline]
    fn give_back(&self, level: Arc<Level>) {
        let is_last = self
            .level
            .borrow()
            .as_ref()
            .is_some_and(|last| Arc::ptr_eq(last, &level));
        if is_last {
            let spare = self.spare.replace(Some(level));
            drop(spare);
        }
    }

    /// Does what other threads have sent here for.
    #[inline]
    pub(crate) fn collect(&self) {
        if self.mailbox.has_any() {
            self.open_mail();
        }
    }

    #[cold]
    fn open_mail(&self) {
        for mail in self.mailbox.take() {
            // Destructors are foreign code, and this is no line of theirs.
            runner::quietly(|| match mail {
                Mail::Context(context) => drop(context),
                Mail::Death => self.purge(|queue| !queue.is_open()),
            });
        }
    }

    /// Drops, uncalled, what can never be delivered.
    pub(super) fn purge(&self, is_dead: impl Fn(&Queue) -> bool) {
        let dead_level = self
            .level
            .borrow_mut()
            .take_if(|level| is_dead(&level.queue));
        let spare = dead_level.as_ref().and_then(|_| self.spare.take());
        let tasks = self.tasks.borrow_mut().remove_dead(&is_dead);
        let tasks: Vec<_> = tasks.into_iter().filter_map(Withdrawn::new).collect();
        let sinks = self.sinks.borrow_mut().purge(&is_dead);
        // No longer borrowed: destructors are foreign code.
        drop((tasks, sinks, dead_level, spare));
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        if self.is_main {
            observe::at_exit();
        }
        mailbox::close();
        for mail in self.mailbox.take() {
            match mail {
                Mail::Context(context) => drop(context),
                Mail::Death => {}
            }
        }
        // Destructors may need storage of this thread that is gone already.
        self.sinks.get_mut().leak();
        let tasks = self.tasks.get_mut().remove_all();
        let left: Vec<_> = tasks.into_iter().filter_map(NodeRef::leak).collect();
        // When all are leaked: who is told may complete another one.
        left.iter().for_each(Left::abandon);
        // At the end of the process everything is left where it is.
        if self.is_main {
            mem::forget(left);
            return;
        }
        if left.is_empty() {
            return;
        }
        let count = left.len();
        glib::g_warning!(
            G_LOG_DOMAIN,
            "a thread ended while {count} callback(s) waited on it; they are leaked"
        );
        runner::run_alone(runner::Job::Forget(left));
    }
}

/// Whether this is the thread that the process began with.
fn is_main_thread() -> bool {
    #[cfg(target_os = "linux")]
    {
        let thread = rustix::thread::gettid().as_raw_nonzero().get();
        u32::try_from(thread).is_ok_and(|thread| thread == std::process::id())
    }
    #[cfg(not(target_os = "linux"))]
    {
        std::thread::current().name() == Some("main")
    }
}
