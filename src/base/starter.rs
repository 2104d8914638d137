//! [`Starter`]: the thread that starts the others, free of how that is done, which
//! [`thread`](crate::node::runner::thread) knows.
//!
//! A thread inherits from the one that starts it how urgent it is to the scheduler, its
//! namespaces, its rights. What a worker, or who calls this library, has done to its own thread
//! must not come to all later ones by that. So there is a thread that runs no worker, and
//! sleeps until it is asked for another. It stays for as long as the process does.
//!
//! Nobody waits for it: who asks may be a loop that draws. So a thread itself hears when the
//! system refuses it.

use std::{collections::VecDeque, io};

use super::sync::{Condvar, Mutex, PoisonError, lock};

/// See the module's documentation. `T` is a thread that has not been started.
pub(crate) struct Starter<T> {
    pub(crate) requests: Mutex<Requests<T>>,
    /// Signalled as there is one.
    pub(crate) asked: Condvar,
    /// Starts a thread from this one, or tells it that the system refuses it.
    pub(crate) start_here: fn(T),
    /// Starts the thread that calls [`Starter::serve`], from this one.
    pub(crate) begin: fn() -> io::Result<()>,
}

/// What the starter has been asked for.
pub(crate) struct Requests<T> {
    /// Whether the starter is there, or about to be.
    is_served: bool,
    threads: VecDeque<T>,
}

impl<T> Requests<T> {
    /// Of a starter that has not begun.
    pub(crate) const NONE: Self = Self {
        is_served: false,
        threads: VecDeque::new(),
    };
}

impl<T> Starter<T> {
    /// Has `thread` started.
    pub(crate) fn start(&self, thread: T) {
        let mut requests = lock(&self.requests);
        if requests.is_served {
            requests.threads.push_back(thread);
            drop(requests);
            self.asked.notify_one();
            return;
        }
        requests.is_served = true;
        drop(requests);
        // The first thread inherits what the starter would, so it need not wait for that one.
        (self.start_here)(thread);
        if (self.begin)().is_err() {
            // The next that asks tries again.
            let asked_meanwhile = self.stop_serving();
            asked_meanwhile.into_iter().for_each(self.start_here);
        }
    }

    /// What the starter does, until it is told to end, as only tests do. It calls `then` after
    /// each thread.
    pub(crate) fn serve(&self, then: impl Fn()) {
        let mut requests = lock(&self.requests);
        while requests.is_served {
            if let Some(thread) = requests.threads.pop_front() {
                drop(requests);
                (self.start_here)(thread);
                then();
                requests = lock(&self.requests);
            } else {
                let waited = self.asked.wait(requests);
                requests = waited.unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Nobody serves any more. Hands out what nobody has been started for.
    pub(crate) fn stop_serving(&self) -> VecDeque<T> {
        let mut requests = lock(&self.requests);
        requests.is_served = false;
        std::mem::take(&mut requests.threads)
    }
}
