//! What the tasks of the soak end with. Each result knows whose it is and
//! where it may be dropped.

use std::{
    rc::Rc,
    sync::{Arc, atomic::Ordering::SeqCst},
    thread,
};

use crate::{
    fail::broken,
    ledger,
    order::Turn,
    place::{Host, thread_number},
    refusal,
    token::next_number,
};

/// The number of a task and the thread of its results, for who completes it.
#[derive(Clone)]
pub struct Mark {
    number: u64,
    host: Option<Arc<Host>>,
}

impl Mark {
    pub fn new(host: Option<Arc<Host>>) -> Self {
        Self {
            number: next_number(),
            host,
        }
    }

    /// The thread of the task. `None` when any thread will do.
    pub fn host(&self) -> Option<&Arc<Host>> {
        self.host.as_ref()
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    /// A value for the task.
    pub fn value(&self) -> Value {
        self.make(None)
    }

    /// A value that is to come in the order in which this thread sends them.
    pub fn value_in_turn(&self) -> Value {
        self.make(Some(Turn::next()))
    }

    pub fn fault(&self) -> Fault {
        Fault(self.make(None))
    }

    /// A success, or one time in eight a failure.
    pub fn either(&self) -> Result<Value, Fault> {
        if fastrand::u8(..) < 32 {
            Err(self.fault())
        } else {
            Ok(self.value())
        }
    }

    /// As [`Self::either`], in turn.
    pub fn either_in_turn(&self) -> Result<Value, Fault> {
        if fastrand::u8(..) < 32 {
            Err(Fault(self.value_in_turn()))
        } else {
            Ok(self.value_in_turn())
        }
    }

    fn make(&self, turn: Option<Turn>) -> Value {
        ledger::thing_made();
        if let Some(host) = &self.host {
            host.tally.results.fetch_add(1, SeqCst);
        }
        Value {
            mark: self.clone(),
            turn,
            made_on: thread_number(),
        }
    }
}

/// What a task ends with: dropped at home as it is delivered; or, when nobody wants it any
/// more, on the thread that made it, or on one of the workers' if that had left it in time.
pub struct Value {
    mark: Mark,
    turn: Option<Turn>,
    made_on: u32,
}

impl Drop for Value {
    fn drop(&mut self) {
        ledger::thing_dropped();
        if let Some(host) = &self.mark.host {
            let (home, here) = (host.thread, thread_number());
            let made_on = self.made_on;
            // A worker's success that gave way is freed by any worker thread, or, where the
            // system has none, by who was to have one.
            let is_freed = made_on != home
                && (thread::current().name() == Some("qio-worker") || refusal::is_refusing());
            if here != home && here != made_on && !is_freed {
                broken!(
                    "a result was dropped on thread {here}; its home is thread {home}, and it \
                     was made on thread {made_on}"
                );
            }
            host.tally.results.fetch_sub(1, SeqCst);
        }
    }
}

/// What the operation itself reports.
pub struct Fault(Value);

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a fault of task {:x}", self.0.mark.number)
    }
}

/// A result that can tell whose it is.
pub trait Answer {
    /// Stops the soak if this is the result of another task. Returns its turn,
    /// if it has one.
    fn check(&self, mark: &Mark) -> Option<Turn>;
}

impl Answer for u64 {
    fn check(&self, mark: &Mark) -> Option<Turn> {
        if *self != mark.number {
            broken!("task {:x} got the result of task {self:x}", mark.number);
        }
        None
    }
}

impl Answer for Value {
    fn check(&self, mark: &Mark) -> Option<Turn> {
        self.mark.number.check(mark);
        self.turn
    }
}

impl Answer for Fault {
    fn check(&self, mark: &Mark) -> Option<Turn> {
        self.0.check(mark)
    }
}

impl Answer for Rc<Value> {
    fn check(&self, mark: &Mark) -> Option<Turn> {
        (**self).check(mark)
    }
}
