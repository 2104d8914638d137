//! No worker may end its thread.
#![allow(unsafe_code)]

use std::cell::Cell;

/// There is none.
#[derive(Clone, Copy)]
pub(crate) enum Call {}

/// None is asked for.
pub(crate) enum Asked {}

impl Asked {
    #[inline]
    pub(in super::super) fn here() -> Option<Self> {
        None
    }

    pub(in super::super) fn call(&self) -> Call {
        match *self {}
    }

    pub(in super::super) fn has_returned(self) {
        match self {}
    }
}

impl Call {
    /// # Safety
    ///
    /// There is none to be made.
    pub(in super::super) unsafe fn make(self, _: &Cell<bool>) {
        match self {}
    }
}
