//! The calls of workers of C.
#![allow(unsafe_code)]

use std::{cell::Cell, ffi::c_void, mem::ManuallyDrop};

use crate::base::{cancellation, foreign};

type Function = unsafe extern "C-unwind" fn(*mut c_void, *mut c_void);

/// A call, which is made once.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    function: Function,
    task: *mut c_void,
    data: *mut c_void,
}

/// A call that a job has asked for, and what is told of its end, once.
pub(crate) struct Asked {
    call: Call,
    /// Not in the thread's storage, which on some systems is gone before its end is told.
    end: Box<dyn FnOnce(End)>,
}

/// How a call has ended, as is told on its thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The function has returned.
    Returned,
    /// Its thread ends, and what the thread keeps for itself is gone. The function has returned
    /// before, or never will.
    #[cfg_attr(
        windows,
        allow(dead_code, reason = "no call is known there to end its thread")
    )]
    WithThread { has_returned: bool },
}

thread_local! {
    /// What the job of this thread asks for. It is taken out as that has returned.
    static ASKED: Cell<Option<ManuallyDrop<Asked>>> = const { Cell::new(None) };
}

impl Asked {
    /// Has this thread call `function`, once its job has returned, and then `end`.
    ///
    /// # Safety
    ///
    /// Any thread may call the function with these, until `end` has been called.
    pub(crate) unsafe fn ask(
        function: Function,
        task: *mut c_void,
        data: *mut c_void,
        end: impl FnOnce(End) + 'static,
    ) {
        let call = Call {
            function,
            task,
            data,
        };
        let end = Box::new(end);
        ASKED.set(Some(ManuallyDrop::new(Self { call, end })));
    }

    /// What the job of this thread has asked for.
    #[inline]
    pub(in super::super) fn here() -> Option<Self> {
        ASKED.take().map(ManuallyDrop::into_inner)
    }

    /// What is to be called.
    pub(in super::super) fn call(&self) -> Call {
        self.call
    }

    /// The function has returned.
    pub(in super::super) fn has_returned(self) {
        (self.end)(End::Returned);
    }

    /// The thread ends.
    #[cfg_attr(
        windows,
        allow(dead_code, reason = "no call is known there to end its thread")
    )]
    pub(in super::super) fn ended_with_thread(self, has_returned: bool) {
        (self.end)(End::WithThread { has_returned });
    }
}

impl Call {
    /// Makes it. Where that ends the thread, this does not return: `has_returned` says whether
    /// the function did before.
    ///
    /// # Safety
    ///
    /// From here to the thread's start no frame has something to drop, or catches panics. It has
    /// not been made before, and its end has not been told.
    #[inline]
    pub(in super::super) unsafe fn make(self, has_returned: &Cell<bool>) {
        has_returned.set(false);
        // SAFETY: the caller's, and `ask`'s. No frame here has something to drop, either.
        unsafe {
            cancellation::allow();
            foreign::timed(|| (self.function)(self.task, self.data));
            has_returned.set(true);
            cancellation::forbid_again();
        }
    }
}
