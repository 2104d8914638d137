//! [`TaskState`]: how an unfinished task stands.

use std::fmt;

/// How an unfinished task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TaskState {
    /// Somebody holds it, to complete it by hand.
    Held,
    /// The loop drives it: [`watch_socket`](crate::QioTask::watch_socket),
    /// [`poll_every`](crate::QioTask::poll_every) or `watch_fd`.
    Driven,
    /// Its worker waits for a thread.
    Waiting,
    /// Its worker waits for a place in its groups, which have as many at work as there may be
    /// ([`Group::set_max_threads`](crate::Group::set_max_threads)): to start, or to go on after it
    /// has waited for another task.
    WaitingForGroup,
    /// Its worker runs, or the function that the loop drives.
    Running,
    /// Its worker runs and waits for room among its messages, which are bounded.
    Sending,
    /// It is decided, and its delivery waits for the loop. Its worker may still run.
    Queued,
    /// It waits for the thread that made it, and another one iterates its context.
    WrongThread,
    /// Its callback runs.
    Delivering,
    /// Its callback has been called, as it was cancelled or timed out, and its
    /// worker still runs.
    Late,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::Driven => "driven by the loop",
            Self::Waiting => "waiting for a thread",
            Self::WaitingForGroup => "waiting for its group",
            Self::Running => "running",
            Self::Sending => "waiting for its messages to be taken",
            Self::Queued => "delivery queued",
            Self::WrongThread => "waiting for its own thread, another one iterates its context",
            Self::Delivering => "callback running",
            Self::Late => "ended, its worker still running",
        })
    }
}
