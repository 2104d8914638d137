//! What wakes a context from any thread: a descriptor that is readable while
//! the bell rings.
//!
//! Neither side ever blocks. Ringing twice is as good as once, and silencing
//! what does not ring does nothing.

pub(super) use kind::Bell;

#[cfg(target_os = "linux")]
#[path = "bell/eventfd.rs"]
mod kind;
#[cfg(not(target_os = "linux"))]
#[path = "bell/socket_pair.rs"]
mod kind;
