//! [`Mask`]: which signals a thread leaves to others.
//!
//! A signal that the process is sent is taken by any thread that has it unblocked. Those of the
//! library leave them to the program, which may wait for one in a place of its own: a
//! `signalfd`, a thread in `sigwait`, a handler that is to interrupt the main thread.
//!
//! Windows sends a process no signals: there is nothing to block there.

#[cfg(not(unix))]
#[path = "signals/none.rs"]
mod chosen;
#[cfg(unix)]
#[path = "signals/posix.rs"]
mod chosen;

pub(crate) use chosen::{Mask, blocked};
