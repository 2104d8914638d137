//! [`Handle`]: what C has instead of the address of a task, or of a group.

use std::{ffi::c_void, ptr};

use super::table::NUMBER_BITS;

/// What C has pointers to.
pub(super) type QIOTask = c_void;

/// Likewise, for a group.
pub(super) type QIOGroup = c_void;

/// The number of a slot, from one, and above it the generation of what is in the slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Handle(usize);

impl Handle {
    #[inline]
    pub(super) fn new(number: usize, generation: usize) -> Self {
        Self(generation << NUMBER_BITS | (number + 1))
    }

    /// `None` for null. Whatever else it is, it may be looked up.
    #[inline]
    pub(super) fn from_c(task: *mut QIOTask) -> Option<Self> {
        (!task.is_null()).then(|| Self(task.addr()))
    }

    #[inline]
    pub(super) fn to_c(self) -> *mut QIOTask {
        ptr::without_provenance_mut(self.0)
    }

    /// The number of the slot, in which there may be another task by now.
    #[inline]
    pub(super) fn number(self) -> Option<usize> {
        (self.0 & ((1 << NUMBER_BITS) - 1)).checked_sub(1)
    }

    #[inline]
    pub(super) fn generation(self) -> usize {
        self.0 >> NUMBER_BITS
    }
}
