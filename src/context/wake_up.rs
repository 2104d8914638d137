//! What wakes a context from any thread: a descriptor that is readable from the moment at
//! which the context is woken until it has noticed.
//!
//! Neither side ever blocks. Waking twice is as good as once, and to clear what was not
//! woken does nothing.

pub(super) use kind::WakeUp;

#[cfg(target_os = "linux")]
#[path = "wake_up/eventfd.rs"]
mod kind;
#[cfg(not(target_os = "linux"))]
#[path = "wake_up/socket_pair.rs"]
mod kind;
