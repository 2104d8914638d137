//! [`Thread`]: how each thread is started that runs jobs, and by which other thread.

#[cfg(all(feature = "capi", unix))]
#[path = "thread/posix.rs"]
mod chosen;
#[cfg(not(all(feature = "capi", unix)))]
#[path = "thread/std.rs"]
mod chosen;

use std::{cell::Cell, io};

use super::{
    body::{Begin, Body},
    call::Call,
    neutral::Neutral,
    stack,
};
use crate::base::{
    pool::StackSize,
    quietly::quietly,
    signals,
    starter::{Requests, Starter},
    sync::{Condvar, Mutex},
};

/// The thread that starts the others; see [`Starter`].
static STARTER: Starter<Thread> = Starter {
    requests: Mutex::new(Requests::NONE),
    asked: Condvar::new(),
    start_here: |thread| quietly(|| thread.start_here()),
    begin: || {
        // Miri wants all threads to have ended: so each is started by who asks for it.
        if cfg!(miri) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        signals::blocked(|| {
            let begin = Box::new(|| Box::new(Starts) as _);
            chosen::start(STARTER_NAME.to_owned(), STARTER_STACK, begin)
        })
    },
};

const STARTER_NAME: &str = "qio-spawner";

/// In bytes. It calls what starts a thread, and drops what those have captured that it can't have
/// started.
const STARTER_STACK: usize = 1 << 20;

/// What the starter does.
struct Starts;

impl Body for Starts {
    fn run(&mut self) -> Option<Call> {
        let neutral = Neutral::here(STARTER_NAME);
        STARTER.serve(|| {
            // What was dropped with a thread that was refused is foreign. What it has done that
            // can't be undone stays: there is no better thread to be had.
            neutral.restore();
        });
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
    refused: Box<dyn FnOnce(io::Error) + Send>,
}

impl Thread {
    /// One whose body is made by `begin`, on that thread; `refused` is called instead when the
    /// system refuses it.
    pub(super) fn new<B: Body + 'static>(
        name: &str,
        stack_size: StackSize,
        begin: impl FnOnce() -> B + Send + 'static,
        refused: impl FnOnce(io::Error) + Send + 'static,
    ) -> Self {
        Self {
            name: name.to_owned(),
            stack_size: stack::bytes(stack_size),
            begin: Box::new(|| Box::new(begin())),
            refused: Box::new(refused),
        }
    }

    /// Has it started, and does not wait for that. Nobody joins it.
    pub(super) fn start(self) {
        // One that is fresh is as good as the starter, which need not be woken then: so many
        // threads that are needed at once are started by each other.
        if IS_FRESH.get() {
            self.start_here();
        } else {
            STARTER.start(self);
        }
    }

    /// Starts it from this thread.
    fn start_here(self) {
        let start = || chosen::start(self.name, self.stack_size, self.begin);
        if let Err(error) = signals::blocked(start) {
            (self.refused)(error);
        }
    }
}

/// Foreign code may have run on this thread from now on, or it has just started.
#[inline]
pub(super) fn set_fresh(is_fresh: bool) {
    IS_FRESH.set(is_fresh);
}
