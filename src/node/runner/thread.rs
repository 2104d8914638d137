//! [`Thread`]: how each thread is started that runs jobs, and by which other thread.

#[cfg(feature = "capi")]
#[path = "thread/posix.rs"]
mod chosen;
#[cfg(not(feature = "capi"))]
#[path = "thread/std.rs"]
mod chosen;

use std::{cell::Cell, io};

use super::{
    body::{Begin, Body},
    call::Call,
    stack,
};
use crate::base::{
    pool::StackSize,
    signals,
    starter::{Desk, Starter},
    sync::{Condvar, Mutex},
};

/// The thread that starts the others; see [`Starter`].
static STARTER: Starter<Thread> = Starter {
    desk: Mutex::new(Desk::Closed),
    asked: Condvar::new(),
    answered: Condvar::new(),
    start_here: Thread::start_here,
    begin: || Thread::with_stack("qio-spawner", STARTER_STACK, || Starts).start_here(),
};

/// In bytes. It calls what starts a thread, and nothing else.
const STARTER_STACK: usize = 256 << 10;

/// What the starter does.
struct Starts;

impl Body for Starts {
    fn run(&mut self) -> Option<Call> {
        STARTER.serve();
        None
    }

    /// It makes no calls.
    #[cfg(feature = "capi")]
    fn end_with_thread(&mut self, _: bool) {}
}

thread_local! {
    /// Whether this is a thread of the library that has run no foreign code yet.
    static IS_FRESH: Cell<bool> = const { Cell::new(false) };
}

/// A thread that has not started.
pub(super) struct Thread {
    name: String,
    /// Of its stack, in bytes.
    stack_size: usize,
    begin: Begin,
}

impl Thread {
    /// One whose body is made by `begin`, on that thread.
    pub(super) fn new<B: Body + 'static>(
        name: &str,
        stack_size: StackSize,
        begin: impl FnOnce() -> B + Send + 'static,
    ) -> Self {
        Self::with_stack(name, stack::bytes(stack_size), begin)
    }

    fn with_stack<B: Body + 'static>(
        name: &str,
        stack_size: usize,
        begin: impl FnOnce() -> B + Send + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            stack_size,
            begin: Box::new(|| Box::new(begin())),
        }
    }

    /// Starts it. Nobody joins it.
    pub(super) fn start(self) -> io::Result<()> {
        // One that is fresh is as good as the starter, which need not be woken then: so many
        // threads that are needed at once are started by each other.
        if IS_FRESH.get() {
            self.start_here()
        } else {
            STARTER.start(self)
        }
    }

    /// Starts it from this thread.
    fn start_here(self) -> io::Result<()> {
        signals::blocked(|| chosen::start(self.name, self.stack_size, self.begin))
    }
}

/// Foreign code may have run on this thread from now on, or it has just started.
#[inline]
pub(super) fn set_fresh(is_fresh: bool) {
    IS_FRESH.set(is_fresh);
}
