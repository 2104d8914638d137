//! [`Thread`]: how each thread is started that runs jobs, and by which other thread.

use std::{cell::Cell, io, sync::Arc, thread};

use super::stack;
use crate::base::{
    pool::StackSize,
    signals,
    starter::{Desk, Starter},
    sync::{Condvar, Mutex, lock},
};

/// The thread that starts the others; see [`Starter`].
static STARTER: Starter<Thread> = Starter {
    desk: Mutex::new(Desk::Closed),
    asked: Condvar::new(),
    answered: Condvar::new(),
    start_here: Thread::start_here,
    begin: || {
        let serve = || STARTER.serve();
        Thread::with_stack("qio-spawner", STARTER_STACK, serve).start_here()
    },
};

/// In bytes. It calls what starts a thread, and nothing else.
const STARTER_STACK: usize = 256 << 10;

thread_local! {
    /// Whether this is a thread of the library that has run no foreign code yet.
    static IS_FRESH: Cell<bool> = const { Cell::new(false) };
}

/// A thread that has not started.
pub(super) struct Thread {
    name: String,
    /// Of its stack, in bytes.
    stack_size: usize,
    run: Box<dyn FnOnce() + Send>,
}

impl Thread {
    pub(super) fn new(
        name: &str,
        stack_size: StackSize,
        run: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self::with_stack(name, stack::bytes(stack_size), run)
    }

    fn with_stack(name: &str, stack_size: usize, run: impl FnOnce() + Send + 'static) -> Self {
        Self {
            name: name.to_owned(),
            stack_size,
            run: Box::new(run),
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
    ///
    /// It does not end before it has been detached: glibc (2.36, for one) looks at a thread once
    /// more after it has marked it as detached, and one that ends in this very moment has unmapped
    /// its stack by then.
    fn start_here(self) -> io::Result<()> {
        let Self {
            name,
            stack_size,
            run,
        } = self;
        let detached = Arc::new(Mutex::new(()));
        let until_detached = lock(&detached);
        let run = {
            let detached = detached.clone();
            move || {
                run();
                drop(lock(&detached));
            }
        };
        let thread = thread::Builder::new().name(name).stack_size(stack_size);
        let started = signals::blocked(|| thread.spawn(run)).map(drop);
        drop(until_detached);
        started
    }
}

/// Foreign code may have run on this thread from now on, or it has just started.
#[inline]
pub(super) fn set_fresh(is_fresh: bool) {
    IS_FRESH.set(is_fresh);
}
