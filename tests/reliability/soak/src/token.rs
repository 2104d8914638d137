//! [`Token`]: what each callback captures. It is called once, at home, with
//! what it may be called with, or the soak stops.

use std::{
    cell::Cell,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use glib::{MainContext, Priority};
use qio_task::Error;

use crate::{
    ending::{Ending, Endings},
    fail::{ON_PURPOSE, broken},
    kind::Kind,
    ledger,
    place::{Host, Life, thread_number},
    result::{Answer, Fault, Mark},
};

/// See the module's documentation.
///
/// A token counts when it is made and when it ends, also when it is dropped:
/// no way out of the library is without a line in the ledger.
pub struct Token {
    mark: Mark,
    kind: Kind,
    allowed: Endings,
    priority: Priority,
    life: Arc<Life>,
    /// Set as the task ends, for who has made it.
    ended: Option<Arc<AtomicBool>>,
    has_ended: bool,
}

/// Where a task belongs.
#[derive(Clone)]
pub struct Whereabouts {
    /// The thread that its callback runs on. `None` when any thread may.
    pub host: Option<Arc<Host>>,
    pub life: Arc<Life>,
}

impl Token {
    pub fn new(kind: Kind, allowed: Endings, priority: Priority, at: &Whereabouts) -> Self {
        ledger::made(kind);
        at.life.tally.tasks.fetch_add(1, SeqCst);
        if let Some(host) = &at.host {
            host.tally.tasks.fetch_add(1, SeqCst);
        }
        Self {
            mark: Mark::new(at.host.clone()),
            kind,
            allowed,
            priority,
            life: at.life.clone(),
            ended: None,
            has_ended: false,
        }
    }

    /// One whose thread ends before it does: it counts as leaked from now on.
    pub fn orphaned(at: &Whereabouts) -> Self {
        let token = Self::new(Kind::Orphaned, Endings::NONE, Priority::DEFAULT_IDLE, at);
        token.count(Ending::Leaked);
        token
    }

    /// What the completer's results are marked with.
    pub fn mark(&self) -> Mark {
        self.mark.clone()
    }

    /// What tells whether the task has ended.
    pub fn flag(&mut self) -> Flag {
        Flag(self.ended.get_or_insert_default().clone())
    }

    /// The callback has been called, on this thread, with `result`.
    pub fn end<T: Answer>(mut self, result: &Result<T, Error<Fault>>) {
        let kind = self.kind;
        self.check_thread("called");
        let context = MainContext::ref_thread_default();
        if context.as_ptr().addr() != self.life.address || !context.is_owner() {
            broken!("a task {kind} was called, its context not being the thread's default");
        }
        let (ending, turn) = match result {
            Ok(value) => (Ending::Completed, value.check(&self.mark)),
            Err(Error::Failed(fault)) => (Ending::Failed, fault.check(&self.mark)),
            Err(Error::Cancelled) => (Ending::Cancelled, None),
            Err(Error::TimedOut) => (Ending::TimedOut, None),
            Err(Error::Abandoned) => (Ending::Abandoned, None),
            Err(Error::Panicked(message)) if message == ON_PURPOSE => (Ending::Panicked, None),
            Err(Error::Spawn(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                (Ending::Refused, None)
            }
            Err(other) => broken!("a task {kind} ended with {other:?}"),
        };
        if !self.allowed.has(ending) {
            broken!(
                "a task {kind} was to end as {}, and has ended as {ending}",
                self.allowed
            );
        }
        // A loop polls its futures in the order of its own.
        if let Some(turn) = turn.filter(|_| kind != Kind::Awaited) {
            let host = self.mark.host().map_or(0, |host| host.thread);
            let lane = (host, self.priority);
            let orders = &self.life.orders;
            let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(last) = orders.arrived(lane, turn) {
                broken!("a task {kind} came out of order: {turn:?} after {last}");
            }
        }
        self.settle(ending);
    }

    fn check_thread(&self, what: &str) {
        let here = thread_number();
        if let Some(host) = self.mark.host()
            && host.thread != here
        {
            let (kind, home) = (self.kind, host.thread);
            broken!("a task {kind} was {what} on thread {here}; its home is thread {home}");
        }
    }

    fn settle(&mut self, ending: Ending) {
        self.has_ended = true;
        if let Some(ended) = &self.ended {
            ended.store(true, SeqCst);
        }
        self.count(ending);
    }

    fn count(&self, ending: Ending) {
        ledger::ended(self.kind, ending);
        if let Some(host) = self.mark.host() {
            host.tally.tasks.fetch_sub(1, SeqCst);
        }
        self.life.tally.tasks.fetch_sub(1, SeqCst);
    }
}

impl Drop for Token {
    /// The callback was dropped: after it was called, or instead.
    fn drop(&mut self) {
        if self.kind == Kind::Orphaned {
            broken!("a callback was dropped though its thread has ended");
        }
        self.check_thread("dropped");
        if self.has_ended {
            return;
        }
        let ending = match self.kind {
            // Nobody is called: the end of its source is all that is seen of it.
            Kind::FutureDropped => Ending::Cancelled,
            _ => Ending::Uncalled,
        };
        if !self.allowed.has(ending) {
            let kind = self.kind;
            broken!("the callback of a task {kind} was dropped, not called");
        }
        self.settle(ending);
    }
}

/// Tells whether a task has ended.
#[derive(Clone)]
pub struct Flag(Arc<AtomicBool>);

impl Flag {
    pub fn is_set(&self) -> bool {
        self.0.load(SeqCst)
    }
}

thread_local! {
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// A number that no other task has.
pub fn next_number() -> u64 {
    NEXT.set(NEXT.get() + 1);
    u64::from(thread_number()) << 40 | NEXT.get()
}
