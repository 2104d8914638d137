//! `GTask`, used directly as C does: through `gio::ffi`.
//!
//! The tasks return a boolean, since nothing that is measured returns more.
#![allow(unsafe_code)]

use std::{cell::Cell, ptr};

use gio::{SimpleAction, ffi, prelude::*};
use glib::{
    ffi::{GFALSE, GTRUE, gboolean, gpointer},
    gobject_ffi::{GObject, g_object_unref},
    translate::{FromGlibPtrBorrow, ToGlibPtr},
};

use super::{Cancel, Foreign, Inline, Spawn};

/// `GTask`.
pub struct GTask;

/// Makes a `GTask` on this thread, for its default context, that calls `done`
/// with its source, if it has one, and whether it failed.
fn new<D: FnOnce(Option<&SimpleAction>, bool) + 'static>(
    source: Option<&SimpleAction>,
    cancellable: Option<&gio::Cancellable>,
    done: D,
) -> *mut ffi::GTask {
    let source = source.map_or(ptr::null_mut(), |source| {
        source.upcast_ref::<glib::Object>().as_ptr()
    });
    let data = Box::into_raw(Box::new(done)).cast();
    // SAFETY: `source` and `cancellable` are valid or null, and GTask takes its
    // own references. `data` is what `completed::<D>` takes back, which GTask
    // calls once, on the thread of this context.
    unsafe {
        ffi::g_task_new(
            source,
            cancellable.to_glib_none().0,
            Some(completed::<D>),
            data,
        )
    }
}

/// The `GAsyncReadyCallback`.
unsafe extern "C" fn completed<D: FnOnce(Option<&SimpleAction>, bool)>(
    source: *mut GObject,
    result: *mut ffi::GAsyncResult,
    data: gpointer,
) {
    // SAFETY: `result` is the GTask that calls, and no error is asked for.
    let ok = unsafe { ffi::g_task_propagate_boolean(result.cast(), ptr::null_mut()) };
    // SAFETY: `data` is the box that `new` gave away, and this is the one call.
    let done = unsafe { Box::from_raw(data.cast::<D>()) };
    if source.is_null() {
        return done(None, ok == GFALSE);
    }
    // SAFETY: `new` was given a `SimpleAction`, which GTask keeps alive for
    // this call.
    let source = unsafe { SimpleAction::from_glib_borrow(source.cast::<ffi::GSimpleAction>()) };
    done(Some(&source), ok == GFALSE);
}

/// Runs `work` in a thread of `GTask`'s, and gives `task` back to it.
fn run_in_thread<W: FnOnce(*mut ffi::GCancellable) + Send + 'static>(
    task: *mut ffi::GTask,
    work: W,
) {
    let data = Box::into_raw(Box::new(Cell::new(Some(work)))).cast();
    // SAFETY: `task` is one of `new`, with a reference that is given back here;
    // its thread has its own. `data` is freed with the task as what it is, and
    // used before by `work_in_thread::<W>` alone.
    unsafe {
        ffi::g_task_set_task_data(task, data, Some(free::<W>));
        ffi::g_task_run_in_thread(task, Some(work_in_thread::<W>));
        g_object_unref(task.cast());
    }
}

/// The `GTaskThreadFunc`.
unsafe extern "C" fn work_in_thread<W: FnOnce(*mut ffi::GCancellable)>(
    task: *mut ffi::GTask,
    _source: *mut GObject,
    data: gpointer,
    cancellable: *mut ffi::GCancellable,
) {
    // SAFETY: `data` is the cell of `run_in_thread`, which lives as long as the
    // task; no other thread looks into it.
    let work = unsafe { &*data.cast::<Cell<Option<W>>>() }.take();
    if let Some(work) = work {
        work(cancellable);
    }
    // SAFETY: the task is valid, and returned here alone. One that was
    // cancelled has been returned by GTask, which ignores this.
    unsafe { ffi::g_task_return_boolean(task, GTRUE) };
}

/// The `GDestroyNotify` of the task data.
unsafe extern "C" fn free<W>(data: gpointer) {
    // SAFETY: `data` is the box that `run_in_thread` gave away.
    drop(unsafe { Box::from_raw(data.cast::<Cell<Option<W>>>()) });
}

/// Returns a task of `new`, and gives its reference back.
fn give_back(task: *mut ffi::GTask) {
    // SAFETY: the caller owns the one reference of a task that is not returned.
    unsafe {
        ffi::g_task_return_boolean(task, GTRUE);
        g_object_unref(task.cast());
    }
}

impl Spawn for GTask {
    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        run_in_thread(new(None, None, |_, _| done()), |_| work());
    }
}

impl Inline for GTask {
    type About<D: FnOnce(&SimpleAction) + 'static> = Task;

    #[inline]
    fn make_about<D: FnOnce(&SimpleAction) + 'static>(source: &SimpleAction, done: D) -> Task {
        Task(new(Some(source), None, move |source, _| {
            if let Some(source) = source {
                done(source);
            }
        }))
    }

    #[inline]
    fn complete_here<D: FnOnce(&SimpleAction) + 'static>(task: Task) {
        give_back(task.0);
    }
}

/// A task to be completed by hand, on any thread.
pub struct Task(*mut ffi::GTask);

// SAFETY: GTask's references are atomic, and `g_task_return_boolean` may be
// called on any thread: elsewhere than in the task's context it defers to it.
unsafe impl Send for Task {}

impl Foreign for GTask {
    type Task = Task;

    fn make(done: impl FnOnce() + 'static) -> Task {
        Task(new(None, None, |_, _| done()))
    }

    fn complete(task: Task) {
        give_back(task.0);
    }
}

impl Cancel for GTask {
    type Running = gio::Cancellable;
    type Waiting = ();

    /// With `g_task_set_return_on_cancel`, which is what `GTask` has for a
    /// worker that is busy.
    fn run(
        work: impl FnOnce(&dyn Fn() -> bool) + Send + 'static,
        done: impl FnOnce(bool) + 'static,
    ) -> gio::Cancellable {
        let cancellable = gio::Cancellable::new();
        let task = new(None, Some(&cancellable), |_, failed| done(failed));
        // SAFETY: the task is new, and not cancelled.
        let _: gboolean = unsafe { ffi::g_task_set_return_on_cancel(task, GTRUE) };
        run_in_thread(task, |cancellable| {
            // SAFETY: the cancellable is the task's, which is alive meanwhile.
            work(&|| unsafe { ffi::g_cancellable_is_cancelled(cancellable) } != GFALSE);
        });
        cancellable
    }

    fn cancel(task: &gio::Cancellable) {
        task.cancel();
    }

    /// A task that is held hears of its cancellable from a handler of the
    /// user's. (One that is queued for a thread moves to the front of the queue
    /// when it is cancelled, by looking for itself: 100,000 of them would take
    /// minutes.)
    fn wait_on(
        cancellable: &gio::Cancellable,
        _blocked: impl FnOnce() + Send + 'static,
        done: impl FnOnce(bool) + 'static,
    ) {
        let task = Task(new(None, Some(cancellable), |_, failed| done(failed)));
        cancellable.connect_cancelled(move |_| {
            let task = task;
            // SAFETY: the task is not returned yet, and this handler, which
            // runs once, owns its one reference. It is cancelled.
            unsafe {
                ffi::g_task_return_error_if_cancelled(task.0);
                g_object_unref(task.0.cast());
            }
        });
    }
}
