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

/// Whether a descriptor is left for a new context. GLib takes one for each, and ends the process
/// if there is none.
#[allow(dead_code, reason = "one backend alone makes contexts")]
pub(crate) fn can_be_made() -> bool {
    WakeUp::new().is_ok()
}
