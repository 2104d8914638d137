//! The calls of workers of C.
#![allow(unsafe_code)]

use std::{cell::Cell, ffi::c_void};

use crate::base::{cancellation, foreign};

type Function = unsafe extern "C-unwind" fn(*mut c_void, *mut c_void);

/// A call, which is made once, and whose end is told once.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    function: Function,
    task: *mut c_void,
    data: *mut c_void,
    end: fn(End),
}

// SAFETY: any thread may make it, says `ask`.
unsafe impl Send for Call {}

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
    /// What the job of this thread asks for.
    static ASKED: Cell<Option<Call>> = const { Cell::new(None) };
}

impl Call {
    /// Has this thread call `function`, once its job has returned, and then `end`.
    ///
    /// # Safety
    ///
    /// Any thread may call the function with these, until `end` has been called.
    pub(crate) unsafe fn ask(
        function: Function,
        task: *mut c_void,
        data: *mut c_void,
        end: fn(End),
    ) {
        ASKED.set(Some(Self {
            function,
            task,
            data,
            end,
        }));
    }

    /// What the job of this thread has asked for.
    #[inline]
    pub(crate) fn asked() -> Option<Self> {
        ASKED.take()
    }

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
