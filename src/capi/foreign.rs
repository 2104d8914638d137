//! What a C program hands over: functions, and data with what frees them.

use std::{
    ffi::{c_double, c_void},
    ptr,
};

use glib::ffi::{GDestroyNotify, gpointer};

use crate::handle::Handle;

/// What C has pointers to.
pub(super) type QIOTask = c_void;
/// `QIOTaskFunc` and `QIOTaskWorker`.
pub(super) type Func = unsafe extern "C" fn(*mut QIOTask, gpointer);
/// `QIOTaskProgressFunc`.
pub(super) type ProgressFunc = unsafe extern "C" fn(*mut QIOTask, c_double, gpointer);

/// A handle as C has it: no address.
pub(super) fn to_c(task: Handle) -> *mut QIOTask {
    ptr::without_provenance_mut(task.number())
}

/// A function, and the data that it is called with.
#[derive(Clone, Copy)]
pub(crate) struct Callback(Func, gpointer);

// SAFETY: any thread may call it, says `Callback::new`.
unsafe impl Send for Callback {}

impl Callback {
    /// # Safety
    ///
    /// Any thread may call the function with these data, until the task that it
    /// is for has been freed.
    pub(super) unsafe fn new(function: Func, data: gpointer) -> Self {
        Self(function, data)
    }

    /// Called by who has a share in the task.
    pub(crate) fn call(self, task: Handle) {
        // SAFETY: `new`'s.
        unsafe { (self.0)(to_c(task), self.1) };
    }
}

/// Something of the program's, and what frees it.
pub(crate) struct Owned(gpointer, GDestroyNotify);

// SAFETY: any thread may have it and free it, says `Owned::new`.
unsafe impl Send for Owned {}
// SAFETY: to borrow it is to copy a pointer.
unsafe impl Sync for Owned {}

impl Owned {
    pub(crate) const NOTHING: Self = Self(ptr::null_mut(), None);

    /// # Safety
    ///
    /// Any thread may have `data`, and call `destroy` with them, once.
    pub(super) unsafe fn new(data: gpointer, destroy: GDestroyNotify) -> Self {
        Self(data, destroy)
    }

    pub(super) fn get(&self) -> gpointer {
        self.0
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(destroy) = self.1 {
            // SAFETY: `Owned::new`'s.
            unsafe { destroy(self.0) };
        }
    }
}
