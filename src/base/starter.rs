//! [`Starter`]: the thread that starts the others, free of how that is done, which
//! [`thread`](crate::node::runner::thread) knows.
//!
//! A thread inherits from the one that starts it how urgent it is to the scheduler, its
//! namespaces, its rights. What a worker, or who calls this library, has done to its own thread
//! must not come to all later ones by that. So there is a thread that runs no foreign code, and
//! sleeps until it is asked for another. It stays for as long as the process does.

use std::{io, mem};

use super::sync::{Condvar, Mutex, MutexGuard, PoisonError, lock};

/// See the module's documentation. `T` is a thread that has not been started.
pub(crate) struct Starter<T> {
    pub(crate) desk: Mutex<Desk<T>>,
    /// Signalled as it is asked.
    pub(crate) asked: Condvar,
    /// Signalled as it has answered, and as the next may ask.
    pub(crate) answered: Condvar,
    /// Starts a thread, from this one.
    pub(crate) start_here: fn(T) -> io::Result<()>,
    /// Starts the thread that calls [`Starter::serve`], from this one.
    pub(crate) begin: fn() -> io::Result<()>,
}

/// Where one at a time asks.
pub(crate) enum Desk<T> {
    /// Nobody serves.
    Closed,
    Free,
    /// For this thread, until it is being started.
    Asked(Option<T>),
    Answered(io::Result<()>),
}

type Guard<'a, T> = MutexGuard<'a, Desk<T>>;

impl<T> Starter<T> {
    /// Has `thread` started.
    pub(crate) fn start(&self, thread: T) -> io::Result<()> {
        let mut desk = lock(&self.desk);
        loop {
            match *desk {
                Desk::Closed => return self.start_first(desk, thread),
                Desk::Free => break,
                Desk::Asked(_) | Desk::Answered(_) => desk = wait(&self.answered, desk),
            }
        }
        *desk = Desk::Asked(Some(thread));
        self.asked.notify_one();
        loop {
            desk = wait(&self.answered, desk);
            if let Desk::Answered(_) = *desk
                && let Desk::Answered(answer) = mem::replace(&mut *desk, Desk::Free)
            {
                drop(desk);
                self.answered.notify_all();
                return answer;
            }
        }
    }

    /// The first thread inherits what the starter would, so it need not wait for that one, which
    /// is begun after it. Others wait meanwhile, the first thread itself among them: it may run
    /// foreign code by then, and is not to begin the starter.
    ///
    /// Where the system refuses the starter, the next that asks tries again.
    fn start_first(&self, mut desk: Guard<'_, T>, thread: T) -> io::Result<()> {
        (self.start_here)(thread)?;
        if (self.begin)().is_ok() {
            *desk = Desk::Free;
        }
        Ok(())
    }

    /// What the starter does, until the desk is closed, as only tests do.
    pub(crate) fn serve(&self) {
        let mut desk = lock(&self.desk);
        loop {
            let thread = match &mut *desk {
                Desk::Closed => return,
                Desk::Asked(thread) => thread.take(),
                Desk::Free | Desk::Answered(_) => None,
            };
            if let Some(thread) = thread {
                drop(desk);
                let started = (self.start_here)(thread);
                desk = lock(&self.desk);
                *desk = Desk::Answered(started);
                self.answered.notify_all();
            } else {
                desk = wait(&self.asked, desk);
            }
        }
    }
}

fn wait<'a, T>(condvar: &Condvar, desk: Guard<'a, T>) -> Guard<'a, T> {
    let waited = condvar.wait(desk);
    waited.unwrap_or_else(PoisonError::into_inner)
}
