//! What a program in C hands over: functions, and data with what frees them.
#![allow(unsafe_code)]

use std::{ffi::c_double, ptr};

use glib::{
    ffi::{GDestroyNotify, GError, gpointer},
    translate::ToGlibPtr,
};

use super::handle::{Handle, QIOGroup, QIOTask};
use crate::node::runner::call::{Asked, End};

/// `QIOTaskFunc`.
pub(super) type Func = unsafe extern "C" fn(*mut QIOTask, gpointer);
/// `QIOTaskWorker`, which may end its thread.
pub(super) type WorkerFunc = unsafe extern "C-unwind" fn(*mut QIOTask, gpointer);
/// `QIOTaskProgressFunc`.
pub(super) type ProgressFunc = unsafe extern "C" fn(*mut QIOTask, c_double, gpointer);

/// `QIOTaskMessageFunc`.
pub(super) type MessageFunc = unsafe extern "C" fn(*mut QIOTask, gpointer, gpointer);

/// `QIOGroupEndedFunc`.
pub(super) type GroupEndedFunc = unsafe extern "C" fn(*mut QIOGroup, *const GError, gpointer);

/// A function, and the data that it is called with.
#[derive(Clone, Copy)]
pub(super) struct FuncAndData(Func, gpointer);

// SAFETY: any thread may call it, says `FuncAndData::new`.
unsafe impl Send for FuncAndData {}

impl FuncAndData {
    /// # Safety
    ///
    /// Any thread may call the function with these data, until the task that it
    /// is for has been freed.
    pub(super) unsafe fn new(function: Func, data: gpointer) -> Self {
        Self(function, data)
    }

    /// Called before the task is freed.
    pub(super) fn call(self, task: Handle) {
        // SAFETY: `new`'s.
        unsafe { (self.0)(task.to_c(), self.1) };
    }
}

/// A worker, and the data that it is called with.
#[derive(Clone, Copy)]
pub(super) struct WorkerAndData(WorkerFunc, gpointer);

// SAFETY: any thread may call it, says `WorkerAndData::new`.
unsafe impl Send for WorkerAndData {}

impl WorkerAndData {
    /// # Safety
    ///
    /// As for [`FuncAndData::new`].
    pub(super) unsafe fn new(worker: WorkerFunc, data: gpointer) -> Self {
        Self(worker, data)
    }

    /// Has this thread call it, and then `end`; until then the task is not freed.
    pub(super) fn ask_for_call(self, task: Handle, end: impl FnOnce(End) + 'static) {
        // SAFETY: `new`'s.
        unsafe { Asked::ask(self.0, task.to_c(), self.1, end) };
    }
}

/// A function for the end of a group, and the data that it is called with, which are freed with
/// this.
pub(super) struct GroupEndedFuncAndData(GroupEndedFunc, OwnedData);

// SAFETY: any thread may call it, says `GroupEndedFuncAndData::new`.
unsafe impl Send for GroupEndedFuncAndData {}

impl GroupEndedFuncAndData {
    /// # Safety
    ///
    /// Any thread may call the function with these data.
    pub(super) unsafe fn new(function: GroupEndedFunc, data: OwnedData) -> Self {
        Self(function, data)
    }

    pub(super) fn call(&self, group: *mut QIOGroup, error: Option<&glib::Error>) {
        // SAFETY: `new`'s. The error is there until this returns.
        unsafe { (self.0)(group, error.to_glib_none().0, self.1.get()) };
    }
}

/// Something of the program's, and what frees it.
pub(super) struct OwnedData(gpointer, GDestroyNotify);

// SAFETY: any thread may have it and free it, says `OwnedData::new`.
unsafe impl Send for OwnedData {}
// SAFETY: to borrow it is to copy a pointer.
unsafe impl Sync for OwnedData {}

impl OwnedData {
    pub(super) const NOTHING: Self = Self(ptr::null_mut(), None);

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

impl Drop for OwnedData {
    fn drop(&mut self) {
        if let Some(destroy) = self.1 {
            // SAFETY: `OwnedData::new`'s.
            unsafe { destroy(self.0) };
        }
    }
}
