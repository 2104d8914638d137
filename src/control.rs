//! The side of a task that any thread may touch: its settlement, and where its
//! delivery goes. It knows neither the task's types nor its callback.

use std::{
    num::NonZero,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use gio::prelude::*;

use crate::{
    arrival::Left,
    delivery::{Item, Level},
    entry::Ties,
    held::Held,
    home::Home,
    observe::trace,
    settlement::Settlement,
    state::{Interrupt, Verdict},
    table::{self, Ticket},
};

/// What is told of a task as its callback is called.
#[derive(Clone, Copy)]
#[allow(dead_code, reason = "one backend alone looks at all of it")]
pub(crate) struct Details<'a> {
    pub(crate) ticket: Ticket,
    pub(crate) name: Option<&'a str>,
    pub(crate) priority: glib::Priority,
}

impl Details<'_> {
    #[inline]
    pub(crate) fn unnamed(ticket: Ticket, priority: glib::Priority) -> Self {
        Self {
            ticket,
            name: None,
            priority,
        }
    }
}

/// Where the callback of a task waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// With [`Home`], on the thread of this number.
    Home(NonZero<u32>),
    /// Beside its queue, for whichever thread iterates the context.
    Context,
}

impl Place {
    /// Whether it is this thread.
    #[inline]
    pub(crate) fn is_home(self) -> bool {
        self == Self::Home(Home::thread())
    }
}

/// See the module's documentation.
pub(crate) struct Control {
    settlement: Settlement<Left>,
    given: OnceLock<Box<Given>>,
    pub(crate) level: Arc<Level>,
    pub(crate) place: Place,
    /// The row of the callback in the table of its place.
    pub(crate) ticket: Ticket,
}

/// What few tasks have. Apart, so that a control is small and fast to be had.
#[derive(Default)]
pub(crate) struct Given {
    pub(crate) name: Option<Box<str>>,
    /// When the task times out.
    pub(crate) deadline: Option<Instant>,
    /// Whether its worker has a thread of its own.
    pub(crate) dedicated_thread: bool,
    /// Made when the worker asks for it.
    pub(crate) worker_cancellable: OnceLock<gio::Cancellable>,
}

impl Control {
    pub(crate) fn new(
        given: Option<Box<Given>>,
        check_cancellable: bool,
        level: Arc<Level>,
        place: Place,
        ticket: Ticket,
    ) -> Arc<Self> {
        Arc::new(Self {
            settlement: Settlement::new(check_cancellable),
            given: given.map_or_else(OnceLock::new, OnceLock::from),
            level,
            place,
            ticket,
        })
    }

    /// Ends the task if its time is up: where nobody iterates the loop, no
    /// source does.
    pub(crate) fn check_deadline(self: &Arc<Self>) {
        if self
            .deadline()
            .is_some_and(|deadline| Instant::now() >= deadline)
        {
            self.interrupt(Interrupt::TimedOut);
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.given.get()?.name.as_deref()
    }

    pub(crate) fn details(&self) -> Details<'_> {
        Details {
            ticket: self.ticket,
            name: self.name(),
            priority: self.level.priority(),
        }
    }

    pub(crate) fn has_dedicated_thread(&self) -> bool {
        let given = self.given.get();
        given.is_some_and(|given| given.dedicated_thread)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.given.get()?.deadline
    }

    /// The completer ends with `left`. Says whether a delivery has to be sent.
    pub(crate) fn complete(&self, success: bool, left: Left) -> bool {
        self.settlement.complete(success, left)
    }

    /// Ends the task from outside, on any thread.
    pub(crate) fn interrupt(self: &Arc<Self>, why: Interrupt) {
        let send = self.settlement.interrupt(why);
        if self.is_interrupted() {
            self.stop_worker();
        }
        if send {
            trace!("qio_task_cancel", self.ticket, self.name(), ?why);
            self.send();
        }
    }

    /// Sends a delivery through the loop. With the context gone the callback
    /// is, too, and what was left for it is sent home, to be dropped.
    pub(crate) fn send(self: &Arc<Self>) {
        trace!("qio_task_thread_source_attach", self.ticket, self.name());
        Item::Task(self.clone()).queue(&self.level);
    }

    /// A delivery has arrived: what is decided, unless that has been delivered,
    /// and what the completer has left by now.
    pub(crate) fn take(&self) -> (Option<Verdict>, Option<Left>) {
        self.settlement.take()
    }

    /// The callback has returned.
    pub(crate) fn finish(&self) {
        self.settlement.finish();
    }

    /// The callback was dropped with its context, uncalled. Hands back what
    /// was left for it, to be dropped.
    #[must_use]
    pub(crate) fn bury(&self) -> Option<Left> {
        self.settlement.bury()
    }

    /// Stops what blocks the worker. No lock is held here: the cancellable's
    /// handlers are foreign code.
    pub(crate) fn stop_worker(&self) {
        let given = self.given.get();
        if let Some(cancellable) = given.and_then(|given| given.worker_cancellable.get()) {
            cancellable.cancel();
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.settlement.is_finished()
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.settlement.is_interrupted() || !self.level.queue.is_open()
    }

    pub(crate) fn worker_cancellable(&self) -> &gio::Cancellable {
        let given = self.given.get_or_init(Box::default);
        let cancellable = given.worker_cancellable.get_or_init(gio::Cancellable::new);
        if self.settlement.was_interrupted() || !self.level.queue.is_open() {
            cancellable.cancel();
        }
        cancellable
    }

    pub(crate) fn start_worker(&self) -> bool {
        self.settlement.start_worker()
    }

    /// Blocks until the worker has returned or will never run, or until the
    /// callback has run.
    pub(crate) fn wait_for_worker(self: &Arc<Self>) {
        let deadline = self.deadline();
        if deadline.is_some() {
            self.settlement.wait_for_worker(deadline);
            self.check_deadline();
        }
        self.settlement.wait_for_worker(None);
    }

    /// Takes back a delivery that has been done here, so that a context that
    /// nobody iterates does not gather them.
    pub(crate) fn take_back(self: &Arc<Self>) {
        if self.settlement.take_back() {
            self.level.take_back(|item| item.is_delivery_of(self));
        }
    }

    pub(crate) fn is_taken_back(&self) -> bool {
        self.settlement.is_taken_back()
    }

    /// Blocks until the callback has run, but not for longer than `patience`.
    pub(crate) fn wait_for_callback(&self, patience: Duration) {
        let until = Instant::now().checked_add(patience);
        self.settlement.wait_for_callback(until);
    }

    /// Changes what is undone as the task ends, unless it has ended. `change`
    /// runs no foreign code. Called where the callback may run.
    pub(crate) fn with_ties(&self, change: impl FnOnce(&mut Ties)) {
        match self.place {
            Place::Home(_) => {
                Home::with(|home| home.entry(self.ticket, |entry| change(entry.ties())));
            }
            Place::Context => {
                if let Some(entry) = self.level.queue.tasks().entry(self.ticket) {
                    change(entry.ties());
                }
            }
        }
    }

    /// Whether the callback waits on this thread.
    pub(crate) fn is_home(&self) -> bool {
        self.place.is_home()
    }

    /// Runs the callback here, if it is due and has not been taken, with the
    /// context as the thread's default.
    pub(crate) fn deliver_here(self: &Arc<Self>, held: Option<&Held>) {
        let held = held.map(Held::get);
        self.level.queue.within(held, || self.deliver());
    }

    /// Runs the callback here, if it is due and has not been taken, and drops
    /// what its completer has left too late.
    pub(crate) fn deliver(self: &Arc<Self>) {
        match self.place {
            Place::Home(_) => {
                Home::with(|home| table::deliver(self, || home.tasks.borrow_mut()));
            }
            Place::Context => table::deliver(self, || self.level.queue.tasks()),
        }
    }
}
