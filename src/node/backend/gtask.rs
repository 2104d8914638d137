//! The backend on which each task is a `GTask`, from when it is made until it has ended.
//!
//! It is made with the task's own source, cancellable, name, priority and tag, and returned
//! at home as the task ends; its callback calls ours. The value goes by its side: it is
//! returned as a boolean or an error.
//!
//! A `GTask` holds a reference on its context, so one that waits would keep that alive for
//! ever. Therefore it belongs to the task's own context only where that never dies, or once
//! somebody has asked for it, and else to a private one of its thread.
//!
//! One that is returned outside of a dispatch of its context finishes in a later iteration,
//! which may never come: then GLib leaks it with its source. So it is not left to that: the
//! idle source that `GTask` attaches is found, and its callback is called here.
#![allow(unsafe_code)]

use std::{
    any::Any,
    cell::{Cell, OnceCell},
    ffi::CStr,
    mem::{self, ManuallyDrop},
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
    translate::{IntoGlib, IntoGlibPtr, ToGlibPtr, from_glib, from_glib_full, from_glib_none},
};

use crate::{
    Error,
    base::{G_LOG_DOMAIN, fork},
    context::{can_be_made, current::global},
    node::{
        callback::{About, Callback, Details},
        home::{self, Home},
    },
};

thread_local! {
    /// The context of the `GTask`s that may not hold their own. It is never iterated.
    static PRIVATE: Private = const { Private(OnceCell::new()) };
}

struct Private(OnceCell<ManuallyDrop<MainContext>>);

impl Private {
    /// `None` as long as no descriptor is left for one: without it GLib would end the process.
    fn get(&self) -> Option<MainContext> {
        if self.0.get().is_none() && can_be_made() {
            let _ = self.0.set(ManuallyDrop::new(MainContext::new()));
        }
        self.0.get().map(|context| MainContext::clone(context))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        // In a forked child GLib's lock of all contexts may be held for ever.
        if !fork::is_child()
            && let Some(context) = self.0.take()
        {
            drop(ManuallyDrop::into_inner(context));
        }
    }
}

/// What `g_task_get_source_tag` tells of each: the address of this.
static TAG: u8 = 0;

/// What the `GTask` finds when it calls back. It is its task data as well as
/// its callback's, so it lives for as long as the `GTask` does. Any thread that
/// iterates the context may bring it here; only `home` looks inside.
struct Pending {
    home: Home,
    /// Outlives the `GTask`'s own reference, so that only `home` drops the last one.
    source: Option<glib::Object>,
    callback: Cell<Option<Box<dyn FnOnce()>>>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

/// The `GTask`. There is none yet of a task for any thread: it is made where that ends.
#[derive(Default)]
pub(crate) struct Task(Option<GTask>);

struct GTask {
    result: gio::AsyncResult,
    pending: Arc<Pending>,
    /// Whether somebody may have it, or its context is the task's own.
    is_own: bool,
}

impl Task {
    #[allow(dead_code, reason = "the C API alone asks")]
    pub(crate) const HAS_ASYNC_RESULT: bool = true;

    /// Made with the task, at home.
    pub(crate) fn new(details: Details<'_>, about: About<'_>) -> Self {
        Self(Some(GTask::new(details, about)))
    }

    #[expect(clippy::unnecessary_wraps, reason = "the other backend has none")]
    pub(crate) fn async_result(
        &mut self,
        details: Details<'_>,
        about: About<'_>,
    ) -> Option<gio::AsyncResult> {
        let task = self.0.take_if(|task| !task.is_own);
        if let Some(private) = task {
            private.finish(None, Box::new(|| ()));
        }
        let task = self
            .0
            .get_or_insert_with(|| GTask::on_default(details, about, true));
        Some(task.result.clone())
    }

    /// There is one now, also of a task for any thread.
    pub(crate) fn at_end(self, details: Details<'_>) -> Self {
        let task = self
            .0
            .unwrap_or_else(|| GTask::private(details, About::default()));
        Self(Some(task))
    }

    pub(crate) fn finish<T: 'static, E: 'static>(
        self,
        callback: impl Callback<T, E> + 'static,
        result: Result<T, Error<E>>,
    ) {
        match self.0 {
            Some(task) => {
                let error = result.as_ref().err().map(Error::describe);
                task.finish(error, Box::new(move || callback.call(result)));
            }
            None => callback.call(result),
        }
    }

    /// The callback is dropped, uncalled: so is the `GTask`, which GLib wants returned.
    pub(crate) fn drop_uncalled(self) {
        if let Some(task) = self.0 {
            let error = glib::Error::new(gio::IOErrorEnum::Closed, "The operation is gone");
            task.finish(Some(error), Box::new(|| ()));
        }
    }
}

impl GTask {
    /// Makes one on this thread's default context, if that never dies, or on the private one.
    fn new(details: Details<'_>, about: About<'_>) -> Self {
        let default = MainContext::thread_default();
        if default.is_none_or(|default| default == *global()) {
            Self::on_default(details, about, true)
        } else {
            Self::private(details, about)
        }
    }

    /// Makes one on the private context.
    fn private(details: Details<'_>, about: About<'_>) -> Self {
        // There is none as the thread ends, either.
        let private = PRIVATE.try_with(Private::get).ok().flatten();
        let made = private.and_then(|private| {
            // No other thread knows that context.
            private
                .with_thread_default(|| Self::on_default(details, about, false))
                .ok()
        });
        made.unwrap_or_else(|| Self::on_default(details, about, true))
    }

    /// Makes one on this thread's default context.
    fn on_default(details: Details<'_>, about: About<'_>, is_own: bool) -> Self {
        #[expect(
            clippy::arc_with_non_send_sync,
            reason = "other threads only count it, see `free`"
        )]
        let pending = Arc::new(Pending {
            home: home::here(),
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
        Self {
            result,
            pending,
            is_own,
        }
    }

    /// Returns the `GTask`, and calls `callback`: from the `GTask`'s own, where that is called
    /// on the task's context.
    fn finish(self, error: Option<glib::Error>, callback: Box<dyn FnOnce()>) {
        let pending = self.pending.clone();
        let (inside, after) = if self.is_own {
            (Some(callback), None)
        } else {
            (None, Some(callback))
        };
        pending.callback.set(inside);
        let task: *mut ffi::GTask = self.result.as_ptr().cast();
        // SAFETY: the GTask of `on_default`, returned once, since `self` is used up;
        // `self` keeps it alive meanwhile.
        unsafe {
            return_task(task, error);
            let is_complete: bool = from_glib(ffi::g_task_get_completed(task));
            if !is_complete {
                complete_now(task);
            }
        }
        drop(self);
        // Where another thread iterates the context, that one finishes the GTask.
        if let Some(callback) = after.or_else(|| pending.callback.take()) {
            callback();
        }
        if let Some(panic) = pending.panic.take() {
            resume_unwind(panic);
        }
    }
}

/// Calls the callback of the idle source in which a `GTask` is to complete, and takes that
/// source away, unless another thread iterates the context and will do so.
///
/// # Safety
///
/// `task` was returned and has not completed; it is kept alive meanwhile.
unsafe fn complete_now(task: *mut ffi::GTask) {
    // SAFETY: the caller's. A GTask knows its context.
    let context: MainContext = unsafe { from_glib_none(ffi::g_task_get_context(task)) };
    // Who owns it has it alone: nobody dispatches the source meanwhile.
    let Ok(owner) = context.acquire() else {
        return;
    };
    // SAFETY: the task is the data of the callback of its idle source, which the context
    // keeps, as nobody else has it. GLib's own dispatch asks for the callback likewise. Of the
    // two references on the task, the source's removal gives one back, and the call the other;
    // the caller's keeps it alive in between.
    unsafe {
        let context = context.to_glib_none().0;
        let source = glib::ffi::g_main_context_find_source_by_user_data(context, task.cast());
        if source.is_null() || !completes(source, task) {
            return;
        }
        glib::ffi::g_source_ref(source);
        let (mut call, mut data) = (None, ptr::null_mut());
        if let Some(get) = (*source)
            .callback_funcs
            .as_ref()
            .and_then(|funcs| funcs.get)
        {
            let kept = (*source).callback_data;
            get(kept, source, &raw mut call, &raw mut data);
        }
        // Before the call: a loop that is nested in our callback would dispatch it again, and
        // use up a reference that is not its own.
        glib::ffi::g_source_destroy(source);
        glib::ffi::g_source_unref(source);
        drop(owner);
        if let Some(call) = call {
            call(data);
        }
    }
}

/// Whether `source` is the one that `task` has attached, by its name, which is the task's or
/// tells of what it calls: others may have the task for data, too.
///
/// # Safety
///
/// `source` is one of a context that this thread owns, and `task` is kept alive.
unsafe fn completes(source: *mut glib::ffi::GSource, task: *mut ffi::GTask) -> bool {
    // SAFETY: the caller's; the names are C strings that the source and the task own, or null.
    let [source, task] = unsafe {
        let names = [
            glib::ffi::g_source_get_name(source),
            ffi::g_task_get_name(task),
        ];
        names.map(|name| (!name.is_null()).then(|| CStr::from_ptr(name)))
    };
    source.is_some_and(|source| {
        task == Some(source) || source.to_bytes().ends_with(b"complete_in_idle_cb")
    })
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
        ffi::g_task_set_source_tag(task, ptr::from_ref(&TAG).cast_mut().cast());
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
unsafe fn return_task(task: *mut ffi::GTask, error: Option<glib::Error>) {
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
    if home != home::here() {
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
    // SAFETY: `data` is the strong count that `on_default` gave away.
    let pending = unsafe { Arc::from_raw(data.cast::<Pending>()) };
    if pending.home != home::here() {
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
