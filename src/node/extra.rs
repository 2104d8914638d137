//! [`Extra`]: what few tasks have, apart from the node of each.

use std::{
    mem,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::{Priority, SignalHandlerId, Source};

use super::{
    inactivity::Inactivity,
    member::Membership,
    owner::{Owned, Owner},
    task_messages::TaskMessages,
};
use crate::{base::sync::lock, context::Timer};

/// See the module's documentation.
pub(crate) struct Extra {
    pub(crate) name: Option<Box<str>>,
    /// After how long it times out.
    pub(crate) timeout: Option<Duration>,
    /// When it times out, once it is made.
    pub(crate) deadline: Option<Instant>,
    /// How long its worker may show no sign of life.
    pub(crate) inactivity: OnceLock<Arc<Inactivity>>,
    /// Whether it is given a cancellable, or what is to belong to it: of these foreign code hears.
    pub(crate) is_foreign: bool,
    /// Whether its worker has a thread of its own.
    pub(crate) dedicated_thread: AtomicBool,
    /// How large the stack of that thread is, in bytes; 0 for that of all others.
    pub(crate) stack_size: AtomicUsize,
    /// The groups and the like that the task belongs to.
    pub(crate) membership: OnceLock<Box<Membership>>,
    /// What is to belong to the task, until it is made.
    pub(crate) to_own: Vec<Arc<dyn Owned>>,
    /// The messages among that. What is owned keeps them until the task has ended.
    pub(crate) messages: Vec<Weak<dyn TaskMessages>>,
    /// Those that came to belong to it when it was made already.
    later_messages: OnceLock<Weak<dyn TaskMessages>>,
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
            timeout: None,
            deadline: None,
            inactivity: OnceLock::new(),
            is_foreign: false,
            dedicated_thread: AtomicBool::new(false),
            stack_size: AtomicUsize::new(0),
            membership: OnceLock::new(),
            to_own: Vec::new(),
            messages: Vec::new(),
            later_messages: OnceLock::new(),
            worker_cancellable: OnceLock::new(),
            stop_flag: OnceLock::new(),
            attached: Mutex::new(Some(Attached::default())),
        }
    }
}

impl Extra {
    /// Gives the task a cancellable, before it is made.
    pub(crate) fn set_cancellable(&mut self, cancellable: gio::Cancellable) {
        self.is_foreign = true;
        if let Some(attached) = attached(&mut self.attached) {
            attached.cancellable = Some(cancellable);
        }
    }

    /// These messages are to belong to the task.
    pub(crate) fn add_messages<M: TaskMessages + Owned + 'static>(&mut self, messages: Arc<M>) {
        let weak = Arc::downgrade(&messages);
        self.messages.push(weak);
        self.to_own.push(messages);
    }

    /// These belong to the task, which was made before, from now on. Once at most.
    #[cfg(feature = "capi")]
    pub(super) fn add_messages_later<M: TaskMessages + Owned + 'static>(&self, messages: Arc<M>) {
        let weak = Arc::downgrade(&messages);
        let mut owner = Some(Owner::new(messages, self.inactivity.get().cloned()));
        let _ = self.later_messages.set(weak);
        self.with_attached(|attached| attached.owners.extend(owner.take()));
        // Else the task has ended, and so has this.
        drop(owner);
    }

    /// The messages that belong to the task.
    pub(super) fn messages(&self) -> impl Iterator<Item = Arc<dyn TaskMessages>> {
        let all = self.messages.iter().chain(self.later_messages.get());
        all.filter_map(Weak::upgrade)
    }

    pub(super) fn has_messages(&self) -> bool {
        !self.messages.is_empty() || self.later_messages.get().is_some()
    }

    /// The task is being made, with this priority: its time runs, and what is to belong to it does
    /// from now on.
    pub(crate) fn begin(&mut self, priority: Priority) {
        self.deadline = self.timeout.map(|timeout| Instant::now() + timeout);
        if self.to_own.is_empty() {
            return;
        }
        self.is_foreign = true;
        let messages = self.messages.iter().filter_map(Weak::upgrade);
        messages.for_each(|messages| messages.set_priority(priority));
        if let Some(attached) = attached(&mut self.attached) {
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

    /// Nothing is to belong to the task any more: what did is let go as this is dropped.
    pub(super) fn take_owners(&self) -> Option<Vec<Owner>> {
        self.with_attached(|attached| mem::take(&mut attached.owners))
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

fn attached(attached: &mut Mutex<Option<Attached>>) -> Option<&mut Attached> {
    let attached = attached.get_mut().unwrap_or_else(PoisonError::into_inner);
    attached.as_mut()
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
