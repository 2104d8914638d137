//! What is free of GLib: the machine that ends a task once, the worker threads, and what
//! both share between threads with.

pub(crate) mod pool;
pub(crate) mod quietly;
pub(crate) mod state;
pub(crate) mod sync;

/// What GLib's log calls this library.
pub(crate) const G_LOG_DOMAIN: &str = "qio-task";

/// What has held more than this gives its memory back when it is empty.
pub(crate) const FLOOD: usize = 1 << 16;
