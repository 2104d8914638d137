//! Home: the thread that a task belongs to, by its number.

#[cfg(any(
    all(windows, target_env = "gnu"),
    target_os = "openbsd",
    target_vendor = "apple"
))]
#[path = "home/private.rs"]
mod slot;
#[cfg(not(any(
    all(windows, target_env = "gnu"),
    target_os = "openbsd",
    target_vendor = "apple"
)))]
#[path = "home/storage.rs"]
mod slot;

use std::{
    num::NonZero,
    sync::atomic::{AtomicU32, Ordering},
};

pub(super) use slot::{end, has_ended};

/// The number of a thread. No other thread ever has the same.
pub(crate) type Home = NonZero<u32>;

/// This thread.
#[inline]
pub(crate) fn here() -> Home {
    slot::get().unwrap_or_else(number_thread)
}

#[cold]
fn number_thread() -> Home {
    static LAST: AtomicU32 = AtomicU32::new(0);
    // ORDERING: a number of its own is all that a thread needs.
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        last.checked_add(1)
    });
    let last = last.expect("there are never as many threads");
    let number = Home::MIN.saturating_add(last);
    slot::set(number);
    number
}
