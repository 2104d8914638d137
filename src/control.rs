//! The side of a task that any thread may touch: its state, and where its
//! delivery goes. It knows neither the task's types nor its callback.

use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use gio::prelude::*;

use crate::{
    delivery::{Delivery, Item},
    entry::Ties,
    home::Home,
    lock,
    state::{Interrupt, State, Verdict},
    trace::trace,
};

/// What a builder has gathered about a task.
#[derive(Debug, Clone)]
pub(crate) struct Details {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) priority: glib::Priority,
    pub(crate) cancellable: Option<gio::Cancellable>,
}

/// Where the callback of a task waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// With [`Home`], on the thread of this number.
    Home(usize),
    /// With [`Delivery`], for whichever thread iterates the context.
    Context,
}

/// See the module's documentation.
pub(crate) struct Control {
    guarded: Mutex<Guarded>,
    /// Signalled, when somebody waits, as the worker ends and as the callback has run.
    changed: Condvar,
    /// What the worker asks; beside the state because it asks often.
    interrupted: AtomicBool,
    /// Made when the worker asks for it.
    worker_cancellable: OnceLock<gio::Cancellable>,
    pub(crate) details: Details,
    pub(crate) delivery: Arc<Delivery>,
    pub(crate) place: Place,
    /// The row of the callback in the table of its place.
    pub(crate) index: usize,
}

struct Guarded {
    state: State,
    waiting: bool,
    /// The callback has returned, or was dropped with its context.
    finished: bool,
}

impl Control {
    pub(crate) fn new(
        details: Details,
        check_cancellable: bool,
        delivery: Arc<Delivery>,
        place: Place,
        index: usize,
    ) -> Arc<Self> {
        Arc::new(Self {
            guarded: Mutex::new(Guarded {
                state: State::new(check_cancellable),
                waiting: false,
                finished: false,
            }),
            changed: Condvar::new(),
            interrupted: AtomicBool::new(false),
            worker_cancellable: OnceLock::new(),
            details,
            delivery,
            place,
            index,
        })
    }

    fn guarded(&self) -> MutexGuard<'_, Guarded> {
        lock(&self.guarded)
    }

    /// Changes the state, and wakes who waits for a change.
    fn change<R>(&self, change: impl FnOnce(&mut Guarded) -> R) -> R {
        let mut guarded = self.guarded();
        let result = change(&mut guarded);
        if guarded.waiting {
            self.changed.notify_all();
        }
        result
    }

    fn wait_until(&self, mut condition: impl FnMut(&mut Guarded) -> bool) {
        let mut guarded = self.guarded();
        while !condition(&mut guarded) {
            guarded.waiting = true;
            guarded = self
                .changed
                .wait(guarded)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.details.name.as_deref()
    }

    /// The completer ends, having left its value. Says whether a delivery has
    /// to be sent.
    pub(crate) fn complete(&self, success: bool) -> bool {
        self.change(|guarded| guarded.state.complete(success))
    }

    /// Ends the task from outside, on any thread.
    pub(crate) fn interrupt(self: &Arc<Self>, why: Interrupt) {
        let send = self.change(|guarded| {
            if !guarded.state.is_taken() {
                // ORDERING: only a hint for the worker; nothing is read through it.
                self.interrupted.store(true, Ordering::Relaxed);
            }
            guarded.state.interrupt(why)
        });
        // Handlers of this cancellable are foreign code: no lock is held here.
        if self.is_interrupted()
            && let Some(cancellable) = self.worker_cancellable.get()
        {
            cancellable.cancel();
        }
        if send {
            trace!("qio_task_cancel", self, ?why);
            self.send();
        }
    }

    /// Sends a delivery through the loop. With the context gone the callback
    /// is, too, and there is nothing left to deliver.
    pub(crate) fn send(self: &Arc<Self>) {
        trace!("qio_task_thread_source_attach", self);
        let _ = self
            .delivery
            .push(self.details.priority, Item::Task(self.clone()));
    }

    pub(crate) fn take(&self) -> Option<Verdict> {
        self.guarded().state.take()
    }

    /// The callback has returned.
    pub(crate) fn finish(&self) {
        self.change(|guarded| guarded.finished = true);
    }

    /// The callback was dropped with its context, uncalled.
    pub(crate) fn bury(&self) {
        self.interrupted.store(true, Ordering::Relaxed);
        self.change(|guarded| {
            guarded.state.bury();
            guarded.finished = true;
        });
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.guarded().state.has_ended()
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.guarded().finished
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    pub(crate) fn worker_cancellable(&self) -> &gio::Cancellable {
        let cancellable = self.worker_cancellable.get_or_init(gio::Cancellable::new);
        // ORDERING: an interrupt passes the lock either before this, and its
        // flag is seen here, or after it, and it sees the cancellable.
        drop(self.guarded());
        if self.is_interrupted() {
            cancellable.cancel();
        }
        cancellable
    }

    pub(crate) fn start_worker(&self) -> bool {
        self.change(|guarded| guarded.state.start_worker())
    }

    pub(crate) fn end_worker(&self) {
        self.change(|guarded| guarded.state.end_worker());
    }

    pub(crate) fn wait_for_worker(&self) {
        self.wait_until(|guarded| guarded.state.is_worker_over());
    }

    pub(crate) fn wait_for_callback(&self) {
        self.wait_until(|guarded| guarded.finished);
    }

    /// Changes what is undone as the task ends, unless it has ended. `change`
    /// runs no foreign code. Called where the callback may run.
    pub(crate) fn with_ties(self: &Arc<Self>, change: impl FnOnce(&mut Ties)) {
        match self.place {
            Place::Home(_) => {
                Home::with(|home| home.entry(self, |entry| entry.ties().map(change)));
            }
            Place::Context => self.delivery.change_ties(self, change),
        }
    }

    /// Whether the callback waits on this thread.
    pub(crate) fn is_home(&self) -> bool {
        self.place == Place::Home(Home::thread())
    }

    /// Runs the callback here, if it is due and has not been taken, with the
    /// context as the thread's default.
    pub(crate) fn deliver_here(self: &Arc<Self>) {
        self.delivery.within(|| self.deliver());
    }

    /// Runs the callback here, if it is due and has not been taken, and drops
    /// the task's remains when its completer has ended.
    pub(crate) fn deliver(self: &Arc<Self>) {
        match self.place {
            Place::Home(_) => {
                Home::with(|home| home.deliver(self));
            }
            Place::Context => self.delivery.deliver(self),
        }
    }
}
