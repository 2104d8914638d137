//! In the storage of the thread.

use std::{cell::Cell, num::NonZero};

thread_local! {
    /// Without a destructor: it is there until the thread has ended.
    static HERE: Cell<Option<NonZero<u32>>> = const { Cell::new(None) };
}

#[inline]
pub(super) fn get() -> Option<NonZero<u32>> {
    HERE.get()
}

pub(super) fn set(number: NonZero<u32>) {
    HERE.set(Some(number));
}

/// The thread ends. Its storage knows that by itself.
#[inline]
pub(in super::super) fn end() {}

/// Whether it does, where its storage would not know.
#[inline]
pub(in super::super) fn has_ended() -> bool {
    false
}
