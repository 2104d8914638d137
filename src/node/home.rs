//! Home: the thread that a task belongs to, by its number.

use std::{
    cell::Cell,
    num::NonZero,
    sync::atomic::{AtomicU32, Ordering},
};

/// The number of a thread. No other thread ever has the same.
pub(crate) type Home = NonZero<u32>;

thread_local! {
    /// Without a destructor: it is there until the thread has ended.
    static HERE: Cell<Option<Home>> = const { Cell::new(None) };
}

/// This thread.
#[inline]
pub(crate) fn here() -> Home {
    HERE.get().unwrap_or_else(number_thread)
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
    HERE.set(Some(number));
    number
}
