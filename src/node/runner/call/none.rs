//! No worker may end its thread.
#![allow(unsafe_code)]

use std::cell::Cell;

/// There is none.
#[derive(Clone, Copy)]
pub(crate) enum Call {}

impl Call {
    #[inline]
    pub(in super::super) fn asked() -> Option<Self> {
        None
    }

    /// # Safety
    ///
    /// There is none to be made.
    pub(in super::super) unsafe fn make(self, _: &Cell<bool>) {
        match self {}
    }

    pub(in super::super) fn has_returned(self) {
        match self {}
    }
}
