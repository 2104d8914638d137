//! The backend on which each task is a `GTask` too.
//!
//! The `GTask` is made, returned and dropped at home. It is returned as a
//! boolean or an error: the value itself goes by its side. In a dispatch of
//! the task's context `g_task_return_*` calls back at once, and our callback
//! runs in that call. Otherwise (inline outside of a dispatch, in the iteration
//! that the task was made in, or with its cancellable cancelled) GTask puts it
//! off to the next iteration; then our callback runs from here, before that,
//! and GTask finds nothing left to do.
#![allow(unsafe_code)]

use std::{
    any::Any,
    cell::Cell,
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr,
    rc::Rc,
};

use gio::ffi;
use glib::{ffi::gpointer, gobject_ffi, prelude::*, translate::*};

use crate::{Error, control::Details};

#[cfg(glib_2_60)]
unsafe extern "C" {
    // gio-sys has it behind a feature that would raise our minimum GLib.
    fn g_task_set_name(task: *mut ffi::GTask, name: *const std::ffi::c_char);
}

/// What the `GTask` finds when it calls back. It is its task data as well as
/// its callback's, so it lives for as long as the `GTask` does.
#[derive(Default)]
struct Pending {
    callback: Cell<Option<Box<dyn FnOnce()>>>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

pub(crate) struct Task {
    /// The `GTask`, until it is returned.
    task: Option<gio::AsyncResult>,
    pending: Rc<Pending>,
}

impl Task {
    pub(crate) fn new(details: &Details, source: Option<&glib::Object>) -> Self {
        let pending = Rc::new(Pending::default());
        let source = source.map_or(ptr::null_mut(), |source| source.as_ptr());
        let cancellable = details.cancellable.to_glib_none();
        let data = Rc::into_raw(pending.clone()).cast_mut().cast();
        // SAFETY: `source` and `cancellable` are valid or null, and GTask takes
        // its own references. `data` is a strong count of `pending`, which
        // `free` gives back when the GTask is finalized, after any call of
        // `completed`. Both happen on this thread, which iterates the context:
        // GTask's own sources run there, and `Task` never leaves it.
        let task = unsafe {
            let task = ffi::g_task_new(source, cancellable.0, Some(completed), data);
            ffi::g_task_set_task_data(task, data, Some(free));
            ffi::g_task_set_priority(task, details.priority.into_glib());
            // What was cancelled is decided before GTask hears of it.
            ffi::g_task_set_check_cancellable(task, glib::ffi::GFALSE);
            #[cfg(glib_2_60)]
            if let Some(name) = &details.name {
                g_task_set_name(task, name.to_glib_none().0);
            }
            from_glib_full(task.cast::<ffi::GAsyncResult>())
        };
        Self {
            task: Some(task),
            pending,
        }
    }

    pub(crate) fn async_result(&self) -> Option<gio::AsyncResult> {
        self.task.clone()
    }

    pub(crate) fn finish<T: 'static, E: 'static>(
        mut self,
        result: Result<T, Error<E>>,
        callback: impl FnOnce(Result<T, Error<E>>) + 'static,
    ) {
        let error = result.as_ref().err().map(Error::describe);
        self.pending
            .callback
            .set(Some(Box::new(move || callback(result))));
        let task = self.task.take();
        let gtask: *mut ffi::GTask = task.as_ref().map_or(ptr::null_mut(), |task| {
            let task: *mut ffi::GAsyncResult = task.as_ptr();
            task.cast()
        });
        // SAFETY: `gtask` is the GTask of `new`, kept alive by `task`, and
        // returned once, since `self` is used up. The error passes to it.
        unsafe {
            match error {
                None => ffi::g_task_return_boolean(gtask, glib::ffi::GTRUE),
                Some(error) => ffi::g_task_return_error(gtask, error.into_glib_ptr()),
            }
        }
        if let Some(callback) = self.pending.callback.take() {
            callback();
        }
        if let Some(panic) = self.pending.panic.take() {
            resume_unwind(panic);
        }
    }
}

impl Drop for Task {
    /// The context died before the task ended. From 2.76 on GLib calls it a
    /// critical error to finalize a `GTask` that never returned, and to return
    /// it a context is needed: so there the `GTask` is left unfinalized.
    fn drop(&mut self) {
        if let Some(task) = self.task.take()
            && glib::check_version(2, 76, 0).is_none()
        {
            mem::forget(task);
        }
    }
}

/// The `GAsyncReadyCallback` of every task.
unsafe extern "C" fn completed(
    _source: *mut gobject_ffi::GObject,
    _result: *mut ffi::GAsyncResult,
    data: gpointer,
) {
    // SAFETY: `data` is the `Pending` that the GTask owns as its task data, and
    // this is the thread that `Task::new` ran on.
    let pending = unsafe { &*data.cast::<Pending>() };
    if let Some(callback) = pending.callback.take() {
        // GTask's frames are C: the panic goes around them.
        if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
            pending.panic.set(Some(panic));
        }
    }
}

/// The `GDestroyNotify` of the task data.
unsafe extern "C" fn free(data: gpointer) {
    // SAFETY: `data` is the strong count that `Task::new` gave away.
    drop(unsafe { Rc::from_raw(data.cast::<Pending>()) });
}
