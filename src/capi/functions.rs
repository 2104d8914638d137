//! The functions of the header, which says what each does.
//!
//! Arguments are checked and translated here. What C programs have promised is in the header:
//! a pointer is null or valid as it says there, and any thread may use what they hand over.
#![allow(unsafe_code)]

use std::{
    ffi::{CStr, c_char, c_double, c_int, c_uint},
    mem,
    num::NonZero,
    ptr,
    sync::Arc,
    time::Duration,
};

use gio::{
    ffi::{GAsyncResult, GCancellable, g_cancellable_get_type},
    prelude::*,
};
use glib::{
    ffi::{GDestroyNotify, GMainContext, gboolean, gpointer},
    gobject_ffi::g_type_check_instance_is_a,
    translate::{FromGlib, IntoGlib, from_glib_none},
};

use super::{
    c_types::{Func, FuncAndData, MessageFunc, OwnedData, ProgressFunc, WorkerAndData, WorkerFunc},
    check::{Checked, assert_that},
    entry::{enter, enter_for_long, functions},
    group::GroupHandle,
    handle::{Handle, QIOGroup, QIOTask},
    host::{Host, HostError, SourceRef},
    outcome::Outcome,
    task::PlainTask,
};
use crate::{
    QioTask, max_delay, max_threads, node::runner::stack::checked as checked_stack_size,
    set_max_delay, set_max_threads, set_stack_size, stack_size,
};

/// The task of a pointer that is not null.
#[inline]
fn handle(task: *mut QIOTask) -> Checked<Handle> {
    Handle::from_c(task).ok_or("task != NULL")
}

functions! {
    enter:
    fn qio_task_new(
        source: gpointer, func: Option<Func>, opaque: gpointer, destroy: GDestroyNotify,
    ) -> *mut QIOTask {
        // SAFETY: a source of the host's or null; the rest is for any thread.
        let task = unsafe { make(source, func, opaque, destroy)? };
        task.let_be_seen();
        Ok(task.to_c())
    }
}

functions! {
    enter_for_long:
    fn qio_task_new_full(
        source: gpointer, cancellable: *mut GCancellable, name: *const c_char, priority: c_int,
        timeout_ms: c_uint, func: Option<Func>, opaque: gpointer, destroy: GDestroyNotify,
    ) -> *mut QIOTask {
        // SAFETY: null or an object.
        let is_cancellable = cancellable.is_null() || unsafe {
            g_type_check_instance_is_a(cancellable.cast(), g_cancellable_get_type()) != 0
        };
        assert_that(is_cancellable, "cancellable == NULL || G_IS_CANCELLABLE (cancellable)")?;
        // SAFETY: any priority is one.
        let priority = unsafe { glib::Priority::from_glib(priority) };
        // SAFETY: as in `qio_task_new`.
        let task = unsafe { make(source, func, opaque, destroy)? };
        // SAFETY: a cancellable and a string, or null.
        let (cancellable, name): (Option<gio::Cancellable>, _) = unsafe {
            let name = (!name.is_null()).then(|| CStr::from_ptr(name).to_owned());
            (from_glib_none(cancellable), name)
        };
        let mut builder = QioTask::builder().priority(priority);
        if let Some(name) = &name {
            builder = builder.name(&name.to_string_lossy());
        }
        if let Some(cancellable) = &cancellable {
            builder = builder.cancellable(cancellable);
        }
        if timeout_ms > 0 {
            builder = builder.timeout(Duration::from_millis(timeout_ms.into()));
        }
        task.bind_new(name, cancellable, builder)?;
        Ok(task.to_c())
    }

    fn qio_task_run_in_thread(
        task: *mut QIOTask, worker: Option<WorkerFunc>, opaque: gpointer, destroy: GDestroyNotify,
        context: *mut GMainContext,
    ) {
        let task = handle(task)?;
        let worker = worker.ok_or("worker != NULL")?;
        // SAFETY: a context or null; an accepted call may be made on any thread,
        // and its data are freed once, on any.
        unsafe {
            let data = || OwnedData::new(opaque, destroy);
            task.run_in_thread(WorkerAndData::new(worker, opaque), data, from_glib_none(context))
        }
    }

    fn qio_task_set_dedicated_thread(task: *mut QIOTask, dedicated: gboolean) {
        handle(task)?.set_dedicated_thread(dedicated != 0)
    }

    fn qio_task_set_worker_stack_size(task: *mut QIOTask, bytes: usize) {
        handle(task)?.set_worker_stack_size(checked_stack_size(bytes)?)
    }

    fn qio_task_set_inactivity_timeout(task: *mut QIOTask, milliseconds: c_uint) {
        let limit = (milliseconds > 0).then(|| Duration::from_millis(milliseconds.into()));
        handle(task)?.set_inactivity_timeout(limit)
    }

    fn qio_task_set_group(task: *mut QIOTask, group: *mut QIOGroup) {
        let task = handle(task)?;
        task.set_group(GroupHandle::from_c(group)?.group()?)
    }

    fn qio_task_touch(task: *mut QIOTask) { handle(task)?.touch() }

    fn qio_task_set_return_on_cancel(task: *mut QIOTask, at_once: gboolean) {
        handle(task)?.set_return_on_cancel(at_once != 0)
    }

    fn qio_task_commit(task: *mut QIOTask) -> gboolean {
        Ok(handle(task)?.commit()?.into_glib())
    }

    fn qio_task_wait_worker(task: *mut QIOTask) { handle(task)?.wait_worker() }
    fn qio_task_wait_thread(task: *mut QIOTask) { handle(task)?.wait_thread() }
    fn qio_task_complete(task: *mut QIOTask) { handle(task)?.complete() }
    fn qio_task_complete_in_idle(task: *mut QIOTask) { handle(task)?.complete_in_idle() }
    fn qio_task_abandon(task: *mut QIOTask) { handle(task)?.abandon() }

    fn qio_task_free(task: *mut QIOTask) {
        if let Some(task) = Handle::from_c(task) {
            task.free();
        }
        Ok(())
    }

    fn qio_task_set_error(task: *mut QIOTask, error: gpointer) {
        let unwanted = handle(task)?.check(|task| {
            let first = &mut task.open_outcome()?.error;
            // SAFETY: an accepted call hands over an error of the host's, or null.
            let error = unsafe { HostError::from_c(error) };
            Ok(if first.is_some() { error } else { mem::replace(first, error) })
        });
        unwanted.map(drop)
    }

    fn qio_task_propagate_error(task: *mut QIOTask, errp: *mut gpointer) -> gboolean {
        let take = |outcome: &mut Outcome| mem::replace(&mut outcome.error, HostError::NONE);
        let error = handle(task)?.ask(HostError::NONE, |task| take(task.outcomes.told()))?;
        let is_some = error.is_some();
        if is_some {
            // SAFETY: null, or where an error of the host's goes.
            unsafe { error.propagate(errp) };
        }
        Ok(is_some.into_glib())
    }

    fn qio_task_set_result_pointer(task: *mut QIOTask, result: gpointer, destroy: GDestroyNotify) {
        let last = handle(task)?.check(|task| {
            // SAFETY: an accepted call hands over what is freed once.
            Ok(mem::replace(&mut task.open_outcome()?.result, unsafe { OwnedData::new(result, destroy) }))
        });
        last.map(drop)
    }

    fn qio_task_get_result_pointer(task: *mut QIOTask) -> gpointer {
        handle(task)?.ask(ptr::null_mut(), |task| task.outcomes.told().result.get())
    }

    fn qio_task_get_source(task: *mut QIOTask) -> gpointer {
        handle(task)?.source()
    }

    fn qio_task_get_name(task: *mut QIOTask) -> *const c_char {
        handle(task)?.ask(ptr::null(), |task| task.name.as_deref().map_or(ptr::null(), CStr::as_ptr))
    }

    fn qio_task_get_async_result(task: *mut QIOTask) -> *mut GAsyncResult {
        let result = handle(task)?.async_result()?;
        // Borrowed: the task keeps one.
        Ok(result.map_or(ptr::null_mut(), |result| result.as_ptr()))
    }

    fn qio_task_cancel(task: *mut QIOTask) { handle(task)?.cancel() }

    fn qio_task_is_cancelled(task: *mut QIOTask) -> gboolean {
        Ok(handle(task)?.is_cancelled()?.into_glib())
    }

    fn qio_task_get_cancellable(task: *mut QIOTask) -> *mut GCancellable {
        // Borrowed: the task keeps one.
        Ok(handle(task)?.worker_cancellable()?.as_ptr())
    }

    fn qio_task_set_progress_func(
        task: *mut QIOTask, func: Option<ProgressFunc>, opaque: gpointer, destroy: GDestroyNotify,
    ) {
        let func = func.ok_or("func != NULL")?;
        let last = handle(task)?.set_progress_func(|| {
            // SAFETY: an accepted call hands over what is freed once.
            let opaque = unsafe { OwnedData::new(opaque, destroy) };
            Arc::new(move |task: Handle, fraction| {
                // SAFETY: any thread may call it with these data, which are freed with it.
                unsafe { func(task.to_c(), fraction, opaque.get()) }
            })
        });
        last.map(drop)
    }

    fn qio_task_set_progress_interval(task: *mut QIOTask, milliseconds: c_uint) {
        handle(task)?.set_progress_interval(Duration::from_millis(milliseconds.into()))
    }

    fn qio_task_report_progress(task: *mut QIOTask, fraction: c_double) {
        handle(task)?.report_progress(fraction)
    }

    fn qio_task_set_message_func(
        task: *mut QIOTask, bound: c_uint, func: Option<MessageFunc>, opaque: gpointer,
        destroy: GDestroyNotify,
    ) {
        let task = handle(task)?;
        assert_that(bound > 0, "bound > 0")?;
        let func = func.ok_or("func != NULL")?;
        let bound = usize::try_from(bound).unwrap_or(usize::MAX);
        task.set_message_func(bound, || {
            // SAFETY: an accepted call hands over what is freed once.
            let opaque = unsafe { OwnedData::new(opaque, destroy) };
            Arc::new(move |task: Handle, message| {
                // SAFETY: any thread may call it with these data, which are freed with it.
                unsafe { func(task.to_c(), message.get(), opaque.get()) }
            })
        })
    }

    fn qio_task_send_message(
        task: *mut QIOTask, message: gpointer, destroy: GDestroyNotify,
    ) -> gboolean {
        // SAFETY: an accepted call hands over what any thread may have, and is freed once.
        let message = || unsafe { OwnedData::new(message, destroy) };
        Ok(handle(task)?.send_message(message)?.into_glib())
    }

    fn qio_task_try_send_message(
        task: *mut QIOTask, message: gpointer, destroy: GDestroyNotify,
    ) -> gboolean {
        // SAFETY: as in `qio_task_send_message`.
        let message = || unsafe { OwnedData::new(message, destroy) };
        Ok(handle(task)?.try_send_message(message)?.into_glib())
    }

    fn qio_task_set_max_threads(max_threads: c_uint) {
        let max = usize::try_from(max_threads).unwrap_or(usize::MAX);
        set_max_threads(NonZero::new(max).ok_or("max_threads > 0")?);
        Ok(())
    }

    fn qio_task_get_max_threads() -> c_uint {
        Ok(c_uint::try_from(max_threads().get()).unwrap_or(c_uint::MAX))
    }

    fn qio_task_set_stack_size(bytes: usize) {
        checked_stack_size(bytes)?;
        set_stack_size(bytes);
        Ok(())
    }

    fn qio_task_get_stack_size() -> usize {
        Ok(stack_size())
    }

    fn qio_task_set_max_delay(milliseconds: c_uint) {
        set_max_delay(match milliseconds {
            c_uint::MAX => Duration::MAX,
            milliseconds => Duration::from_millis(milliseconds.into()),
        });
        Ok(())
    }

    fn qio_task_get_max_delay() -> c_uint {
        Ok(c_uint::try_from(max_delay().as_millis()).unwrap_or(c_uint::MAX))
    }

    fn qio_task_set_host(host: *const Host) {
        assert_that(!host.is_null(), "host != NULL")?;
        // SAFETY: it points to a `QIOTaskHost`.
        unsafe { Host::set(host) }
    }
}

/// # Safety
///
/// As the header says of `qio_task_new`.
unsafe fn make(
    source: gpointer,
    func: Option<Func>,
    opaque: gpointer,
    destroy: GDestroyNotify,
) -> Checked<Handle> {
    let func = func.ok_or("func != NULL")?;
    // SAFETY: the caller's.
    let task = unsafe {
        let (func, opaque) = (
            FuncAndData::new(func, opaque),
            OwnedData::new(opaque, destroy),
        );
        PlainTask::new(SourceRef::new(source), func, opaque)
    };
    Ok(task.insert())
}
