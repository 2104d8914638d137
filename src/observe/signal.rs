//! [`Signal`]: at which something is printed, where the program has no use for it.
//!
//! On Windows, where a process is sent none, it is an event that others set by its name.

#[cfg(unix)]
#[path = "signal/posix.rs"]
mod chosen;
#[cfg(windows)]
#[path = "signal/windows.rs"]
mod chosen;

pub(super) use chosen::{HELP, Signal};

/// What the program does at a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Nothing of its own.
    Free,
    #[cfg_attr(windows, expect(dead_code, reason = "nobody else has this event"))]
    Ignored,
    #[cfg_attr(windows, expect(dead_code, reason = "nobody else has this event"))]
    Handled,
}
