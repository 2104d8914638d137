//! Foreign code where nobody is to hear of its panics.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Runs what is not ours.
pub(crate) fn quietly(f: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(f))
        // What it panicked with has a destructor, too.
        && let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic)))
    {
        mem::forget(panic);
    }
}

/// Drops what is not ours.
pub(crate) fn drop_quietly(value: impl Sized) {
    quietly(|| drop(value));
}
