//! [`Extra`]: what few tasks have, apart from the node of each.

use std::{
    mem,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Instant,
};

use gio::prelude::*;
use glib::{Priority, SignalHandlerId, Source};

use super::{
    inactivity::Inactivity,
    owner::{Owned, Owner},
    task_messages::TaskMessages,
};
use crate::{base::sync::lock, context::Timer};

/// See the module's documentation.
pub(crate) struct Extra {
    pub(crate) name: Option<Box<str>>,
    /// When the task times out.
    pub(crate) deadline: Option<Instant>,
    /// How long its worker may show no sign of life.
    pub(crate) inactivity: OnceLock<Arc<Inactivity>>,
    /// Whether it is given a cancellable, or what is to belong to it: of these foreign code hears.
    pub(crate) is_foreign: bool,
    /// Whether its worker has a thread of its own.
    pub(crate) dedicated_thread: AtomicBool,
    /// How large the stack of that thread is, in bytes; 0 for that of all others.
    pub(crate) stack_size: AtomicUsize,
    /// What is to belong to the task, until it is made.
    pub(crate) to_own: Vec<Arc<dyn Owned>>,
    /// The messages among that. What is owned keeps them until the task has ended.
    pub(crate) messages: Vec<Weak<dyn TaskMessages>>,
    /// Made when the worker asks for it.
    pub(crate) worker_cancellable: OnceLock<gio::Cancellable>,
    /// Likewise.
    pub(crate) stop_flag: OnceLock<Arc<AtomicBool>>,
    /// `None` once the task has ended.
    attached: Mutex<Option<Attached>>,
}

/// What is undone as the task ends. The cancellable is kept nowhere else: its
/// last reference is not for a worker to drop.
#[derive(Default)]
pub(crate) struct Attached {
    pub(crate) cancellable: Option<gio::Cancellable>,
    pub(crate) cancelled: Option<SignalHandlerId>,
    pub(crate) timer: Option<Timer>,
    /// Looks for signs of life.
    pub(super) inactivity_timer: Option<Timer>,
    pub(crate) driver: Option<Source>,
    owners: Vec<Owner>,
}

impl Default for Extra {
    fn default() -> Self {
        Self {
            name: None,
            deadline: None,
            inactivity: OnceLock::new(),
            is_foreign: false,
            dedicated_thread: AtomicBool::new(false),
            stack_size: AtomicUsize::new(0),
            to_own: Vec::new(),
            messages: Vec::new(),
            worker_cancellable: OnceLock::new(),
            stop_flag: OnceLock::new(),
            attached: Mutex::new(Some(Attached::default())),
        }
    }
}

impl Extra {
    /// These messages are to belong to the task.
    pub(crate) fn add_messages<M: TaskMessages + Owned + 'static>(&mut self, messages: Arc<M>) {
        let weak = Arc::downgrade(&messages);
        self.messages.push(weak);
        self.to_own.push(messages);
    }

    /// The task is made with this priority.
    pub(crate) fn set_priority(&self, priority: Priority) {
        let messages = self.messages.iter().filter_map(Weak::upgrade);
        messages.for_each(|messages| messages.set_priority(priority));
    }

    /// The task is being made: what is to belong to it does from now on.
    pub(crate) fn own(&mut self) {
        if self.to_own.is_empty() {
            return;
        }
        let attached = self
            .attached
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(attached) = attached {
            let all = mem::take(&mut self.to_own).into_iter();
            let owner = |owned| Owner::new(owned, self.inactivity.get().cloned());
            attached.owners = all.map(owner).collect();
        }
    }

    /// Looks at, or changes, what is undone as the task ends, unless it has ended. `look`
    /// runs no foreign code.
    pub(crate) fn with_attached<R>(&self, look: impl FnOnce(&mut Attached) -> R) -> Option<R> {
        lock(&self.attached).as_mut().map(look)
    }

    /// The task has ended: what is to be undone, as it is dropped.
    pub(crate) fn take_attached(&self) -> Option<Attached> {
        lock(&self.attached).take()
    }

    /// The cancellable that the task was given, until it has ended.
    pub(crate) fn cancellable(&self) -> Option<gio::Cancellable> {
        self.with_attached(|attached| attached.cancellable.clone())
            .flatten()
    }

    /// Whether the cancellable that the task was given is cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        if !self.is_foreign {
            return false;
        }
        // Unlocked: a handler of the cancellable may be asking for the task.
        let cancellable = self.cancellable();
        cancellable.is_some_and(|cancellable| cancellable.is_cancelled())
    }
}

impl Attached {
    /// Takes over what was attached to a task that was just made, which has none of it yet.
    pub(crate) fn attach(&mut self, mut new: Self) {
        mem::swap(&mut self.owners, &mut new.owners);
        *self = new;
    }

    /// The context is being finalized, and destroys its sources itself. One
    /// that is destroyed by somebody else meanwhile would be leaked.
    pub(crate) fn forget_driver(&mut self) {
        self.driver = None;
    }

    /// The thread ends: the cancellable and the driver are leaked, as their destructors are
    /// foreign code. What keeps the node and the context's queue is not: with each queue
    /// goes a descriptor. What belongs to the task is handed out, for another thread to drop.
    pub(super) fn leak(mut self) -> Vec<Owner> {
        self.disconnect();
        drop((self.timer.take(), self.inactivity_timer.take()));
        let owners = mem::take(&mut self.owners);
        mem::forget(self);
        owners
    }

    fn disconnect(&mut self) {
        if let (Some(cancellable), Some(handler)) = (&self.cancellable, self.cancelled.take()) {
            // Not `g_cancellable_disconnect`, which waits for a handler that
            // is running, be it further up this stack.
            cancellable.disconnect(handler);
        }
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        self.disconnect();
        if let Some(driver) = self.driver.take() {
            driver.destroy();
        }
    }
}
