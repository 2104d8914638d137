//! The backend on which each task is a `GTask` too.
//!
//! A `GTask` holds references on its source and its context, and gives them
//! back in an iteration of that context after its callback's, on whichever
//! thread iterates it. So one that waited with its task would keep the context
//! alive for ever, and one that was left behind would drop its source anywhere.
//! Therefore:
//!
//! - It is made when somebody asks for it, or else when the task ends. One
//!   that nobody has asked for belongs to a context of its thread's own, and
//!   is finished there, some of them together.
//! - One that was asked for is returned in its own context. In a dispatch of
//!   that context `g_task_return_*` calls back at once, and our callback runs
//!   in that call; otherwise our callback runs from here, and `GTask` finds
//!   nothing left to do in the next iteration.
//!
//! It is returned as a boolean or an error: the value goes by its side.
#![allow(unsafe_code)]

use std::{
    any::Any,
    cell::{Cell, RefCell},
    iter, mem,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr,
    sync::Arc,
};

use gio::ffi;
use glib::{
    MainContext,
    ffi::gpointer,
    gobject_ffi,
    prelude::*,
    translate::{IntoGlib, IntoGlibPtr, ToGlibPtr, from_glib_full},
};

use crate::{
    Error, G_LOG_DOMAIN,
    control::Details,
    entry::{About, Callback},
    home::Home,
};

thread_local! {
    static PRIVATE: Private = Private {
        context: MainContext::new(),
        fresh: RefCell::default(),
        next: Cell::new(1),
    };
}

/// The `GTask`s of tasks that nobody asks for: about nothing, calling nobody.
///
/// They are made together and finished together. To make a context the
/// thread's default, as making one needs, and to iterate it, as finishing one
/// does, costs as much as all else.
struct Private {
    context: MainContext,
    fresh: RefCell<Vec<gio::AsyncResult>>,
    /// How many are made next.
    next: Cell<usize>,
}

/// So many are made together at most: at first one, for threads that end soon.
const TOGETHER: usize = 64;

impl Private {
    fn finish(&self, details: Details<'_>, error: Option<glib::Error>) {
        if self.fresh.borrow().is_empty() {
            self.finish_returned();
            self.make();
        }
        if let Some(task) = self.fresh.borrow_mut().pop() {
            let task: *mut ffi::GAsyncResult = task.as_ptr();
            // SAFETY: one of `make`, taken out to be returned, once.
            unsafe {
                describe(task.cast(), details);
                give_back(task.cast(), error);
            }
        }
    }

    fn make(&self) {
        let count = self.next.get();
        self.next.set((2 * count).min(TOGETHER));
        let make = || {
            // SAFETY: a GTask may be about nothing and call nobody. Its
            // reference passes to the result.
            unsafe {
                let task = ffi::g_task_new(ptr::null_mut(), ptr::null_mut(), None, ptr::null_mut());
                from_glib_full(task.cast::<ffi::GAsyncResult>())
            }
        };
        let mut fresh = self.fresh.borrow_mut();
        // Another thread can't own a context that it does not know.
        let _ = self
            .context
            .with_thread_default(|| fresh.extend(iter::repeat_with(make).take(count)));
    }

    fn finish_returned(&self) {
        // Of one priority in each.
        while self.context.iteration(false) {}
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        for task in self.fresh.take() {
            let task: *mut ffi::GAsyncResult = task.as_ptr();
            // SAFETY: as in `finish`; GLib complains of one that is not returned.
            unsafe { give_back(task.cast(), None) };
        }
        self.finish_returned();
    }
}

/// What the `GTask` finds when it calls back. It is its task data as well as
/// its callback's, so it lives for as long as the `GTask` does. Any thread that
/// iterates the context may bring it here; only `home` looks inside.
struct Pending {
    home: NonZero<u32>,
    /// Outlives the `GTask`'s own reference, so that only `home` drops the last one.
    source: Option<glib::Object>,
    callback: Cell<Option<Box<dyn FnOnce()>>>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

/// The `GTask`, once somebody has asked for it.
#[derive(Default)]
pub(crate) struct Task(Option<GTask>);

struct GTask {
    result: gio::AsyncResult,
    pending: Arc<Pending>,
}

impl Task {
    #[allow(dead_code, reason = "the C API alone asks")]
    pub(crate) const HAS_ASYNC_RESULT: bool = true;

    #[expect(clippy::unnecessary_wraps, reason = "the other backend has none")]
    pub(crate) fn async_result(
        &mut self,
        details: Details<'_>,
        about: About<'_>,
    ) -> Option<gio::AsyncResult> {
        let task = self.0.get_or_insert_with(|| GTask::new(details, about));
        Some(task.result.clone())
    }

    pub(crate) fn finish<T: 'static, E: 'static>(
        self,
        details: Details<'_>,
        callback: impl Callback<T, E> + 'static,
        result: Result<T, Error<E>>,
    ) {
        let error = result.as_ref().err().map(Error::describe);
        if let Some(task) = self.0 {
            return task.finish(error, Box::new(move || callback.call(result)));
        }
        // As the thread ends there is none.
        let _ = PRIVATE.try_with(|private| private.finish(details, error));
        callback.call(result);
    }
}

impl GTask {
    /// Makes one for this thread's default context.
    fn new(details: Details<'_>, about: About<'_>) -> Self {
        #[expect(
            clippy::arc_with_non_send_sync,
            reason = "other threads only count it, see `free`"
        )]
        let pending = Arc::new(Pending {
            home: Home::thread(),
            source: about.source.cloned(),
            callback: Cell::default(),
            panic: Cell::default(),
        });
        let source = about.source.map_or(ptr::null_mut(), glib::Object::as_ptr);
        let cancellable = about.cancellable.to_glib_none();
        let data = Arc::into_raw(pending.clone()).cast_mut().cast();
        // SAFETY: `source` and `cancellable` are valid or null, and GTask takes
        // its own references. `data` is a strong count of `pending`, which
        // `free` gives back when the GTask is finalized, after any call of
        // `completed`. Both may happen on any thread that iterates the context,
        // and look at `home` alone on one that is not it.
        let result = unsafe {
            let task = ffi::g_task_new(source, cancellable.0, Some(completed), data);
            ffi::g_task_set_task_data(task, data, Some(free));
            describe(task, details);
            from_glib_full(task.cast::<ffi::GAsyncResult>())
        };
        Self { result, pending }
    }

    /// Calls `callback`, in the `GTask`'s own call where it makes one at once.
    fn finish(self, error: Option<glib::Error>, callback: Box<dyn FnOnce()>) {
        let pending = self.pending.clone();
        pending.callback.set(Some(callback));
        let task: *mut ffi::GAsyncResult = self.result.as_ptr();
        // SAFETY: the GTask of `new`, returned once, since `self` is used up;
        // `self` keeps it alive meanwhile.
        unsafe { give_back(task.cast(), error) };
        drop(self);
        if let Some(callback) = pending.callback.take() {
            callback();
        }
        if let Some(panic) = pending.panic.take() {
            resume_unwind(panic);
        }
    }
}

/// Tells a `GTask` what GLib shows of it.
///
/// # Safety
///
/// `task` is one that has not been returned.
unsafe fn describe(task: *mut ffi::GTask, details: Details<'_>) {
    // SAFETY: the caller's; the name is copied.
    unsafe {
        ffi::g_task_set_priority(task, details.priority.into_glib());
        // What was cancelled is decided before GTask hears of it.
        ffi::g_task_set_check_cancellable(task, glib::ffi::GFALSE);
        if let Some(name) = details.name {
            ffi::g_task_set_name(task, name.to_glib_none().0);
        }
    }
}

/// Returns a `GTask`, in GLib's sense.
///
/// # Safety
///
/// `task` is one that has not been returned.
unsafe fn give_back(task: *mut ffi::GTask, error: Option<glib::Error>) {
    // SAFETY: the caller's; the error passes to the task.
    unsafe {
        match error {
            None => ffi::g_task_return_boolean(task, glib::ffi::GTRUE),
            Some(error) => ffi::g_task_return_error(task, error.into_glib_ptr()),
        }
    }
}

/// The `GAsyncReadyCallback` of every task.
unsafe extern "C" fn completed(
    _source: *mut gobject_ffi::GObject,
    _result: *mut ffi::GAsyncResult,
    data: gpointer,
) {
    // SAFETY: `data` is the `Pending` that the GTask owns as its task data; its
    // `home` never changes.
    let home = unsafe { (*data.cast::<Pending>()).home };
    if home != Home::thread() {
        return;
    }
    // SAFETY: as above, and this is the thread whose cells they are.
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
    let pending = unsafe { Arc::from_raw(data.cast::<Pending>()) };
    if pending.home != Home::thread() {
        // The callback is gone: `finish` took it. The source stays at home.
        let has_source = pending.source.is_some();
        mem::forget(pending);
        if has_source {
            glib::g_warning!(
                G_LOG_DOMAIN,
                "a GTask was finished away from its thread; its source is leaked"
            );
        }
    }
}
