//! The backend on which each task is a `GTask` too.
//!
//! A `GTask` holds a reference on its context, so one that waited with its
//! task would keep the context alive for ever. It is made when somebody asks
//! for it, or else when the task ends; it is made, returned and dropped at
//! home. It is returned as a boolean or an error: the value goes by its side.
//!
//! One that was made in an earlier iteration calls back as it is returned in a
//! dispatch of its context, and our callback runs in that call. Otherwise (just
//! made, outside of a dispatch, or with its cancellable cancelled) `GTask`
//! puts that off to the next iteration; then our callback runs from here, before
//! that, and it finds nothing left to do.
#![allow(unsafe_code)]

use std::{
    any::Any,
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr,
    rc::Rc,
};

use gio::ffi;
use glib::{
    ffi::gpointer,
    gobject_ffi,
    prelude::*,
    translate::{IntoGlib, IntoGlibPtr, ToGlibPtr, from_glib_full},
};

use crate::{Error, control::Details, entry::Callback};

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

/// The `GTask`, once it is needed.
#[derive(Default)]
pub(crate) struct Task(Option<GTask>);

struct GTask {
    result: gio::AsyncResult,
    pending: Rc<Pending>,
}

impl Task {
    #[expect(clippy::unnecessary_wraps, reason = "the other backend has none")]
    pub(crate) fn async_result(
        &mut self,
        details: &Details,
        source: Option<&glib::Object>,
    ) -> Option<gio::AsyncResult> {
        let task = self.0.get_or_insert_with(|| GTask::new(details, source));
        Some(task.result.clone())
    }

    pub(crate) fn finish<T: 'static, E: 'static>(
        self,
        details: &Details,
        callback: impl Callback<T, E> + 'static,
        result: Result<T, Error<E>>,
    ) {
        let task = self
            .0
            .unwrap_or_else(|| GTask::new(details, callback.source()));
        let error = result.as_ref().err().map(Error::describe);
        task.finish(error, Box::new(move || callback.call(result)));
    }
}

impl GTask {
    fn new(details: &Details, source: Option<&glib::Object>) -> Self {
        let pending = Rc::new(Pending::default());
        let source = source.map_or(ptr::null_mut(), glib::Object::as_ptr);
        let cancellable = details.cancellable.to_glib_none();
        let data = Rc::into_raw(pending.clone()).cast_mut().cast();
        // SAFETY: `source` and `cancellable` are valid or null, and GTask takes
        // its own references. `data` is a strong count of `pending`, which
        // `free` gives back when the GTask is finalized, after any call of
        // `completed`. Both happen on this thread, which iterates the context:
        // GTask's own sources run there, and a `GTask` never leaves it.
        let result = unsafe {
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
        Self { result, pending }
    }

    fn finish(self, error: Option<glib::Error>, callback: Box<dyn FnOnce()>) {
        self.pending.callback.set(Some(callback));
        let task: *mut ffi::GAsyncResult = self.result.as_ptr();
        // SAFETY: the GTask of `new`, kept alive by `self` and returned once,
        // since `self` is used up. The error passes to it.
        unsafe {
            match error {
                None => ffi::g_task_return_boolean(task.cast(), glib::ffi::GTRUE),
                Some(error) => ffi::g_task_return_error(task.cast(), error.into_glib_ptr()),
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

/// The `GAsyncReadyCallback` of every task.
unsafe extern "C" fn completed(
    _source: *mut gobject_ffi::GObject,
    _result: *mut ffi::GAsyncResult,
    data: gpointer,
) {
    // SAFETY: `data` is the `Pending` that the GTask owns as its task data, and
    // this is the thread that `GTask::new` ran on.
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
    // SAFETY: `data` is the strong count that `GTask::new` gave away.
    drop(unsafe { Rc::from_raw(data.cast::<Pending>()) });
}
