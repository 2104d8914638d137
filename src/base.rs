//! What is free of GLib: the machine that ends a task once, the worker threads, and what
//! both share between threads with.

pub(crate) mod pool;
pub(crate) mod state;
pub(crate) mod sync;
