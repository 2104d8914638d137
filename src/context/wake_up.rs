//! What wakes a context from any thread: something that a loop can poll, which is ready from the
//! moment at which the context is woken until it has noticed.
//!
//! Neither side ever blocks. Waking twice is as good as once, and to clear what was not
//! woken does nothing.
//!
//! | system | is | a wake-up and its notice cost |
//! |---|---|---|
//! | Linux | an `eventfd` | two system calls |
//! | Windows | an event, to be reset by hand | two system calls |
//! | other Unix | a pipe; on Linux with `--cfg qio_portable` | two system calls |

pub(super) use kind::WakeUp;

#[cfg(all(target_os = "linux", not(qio_portable)))]
#[path = "wake_up/eventfd.rs"]
mod kind;
#[cfg(all(unix, any(not(target_os = "linux"), qio_portable)))]
#[path = "wake_up/pipe.rs"]
mod kind;
#[cfg(windows)]
#[path = "wake_up/event.rs"]
mod kind;

/// Whether one is left for a new context. GLib takes one for each, and ends the process if there
/// is none.
#[allow(dead_code, reason = "one backend alone makes contexts")]
pub(crate) fn can_be_made() -> bool {
    WakeUp::new().is_ok()
}
