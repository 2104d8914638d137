//! A source of GLib's whose functions are methods of a Rust value.
//!
//! The sources of glib-rs call a closure, which can't be entered twice. Here a loop that
//! is nested in a callback has to dispatch the same source again, so it may recurse, and
//! all that its functions are given is shared. A source of its own kind can say besides,
//! without a descriptor, that it is ready.
#![allow(unsafe_code)]

use std::{
    ffi::{CStr, c_int},
    mem, ptr,
    sync::Arc,
    time::Duration,
};

use glib::{
    ControlFlow, MainContext, Priority, Source,
    ffi::{self, gboolean, gpointer},
    translate::{IntoGlib, from_glib_full},
};

use super::poll_fd::{PollFd, Pollable};
use crate::base::{fork, milliseconds::milliseconds};

/// `G_IO_IN`, as a `GPollFD` has it.
#[expect(clippy::cast_possible_truncation, reason = "it is 1")]
const POLLED: u16 = ffi::G_IO_IN as u16;

/// What a source does. Each method is called on whichever thread iterates the context,
/// with no lock of GLib's; a panic ends the process, as in any callback of a main loop.
pub(super) trait Dispatch: Send + Sync + 'static {
    /// Before the loop sleeps: whether there is something to do.
    fn prepare(&self) -> Prepared;

    /// After it has slept: whether there is something to do. `is_woken` says whether what is
    /// polled for the source was ready.
    fn check(&self, is_woken: bool) -> bool;

    /// There is something to do. A loop in here may call this again.
    fn dispatch(self: &Arc<Self>) -> ControlFlow;

    /// The source was destroyed: by its context, which is being finalized, by somebody
    /// else, or by what [`dispatch`](Self::dispatch) returned.
    fn destroyed(&self);
}

/// What a source says before its loop sleeps.
pub(super) enum Prepared {
    /// There is something to do.
    Ready,
    /// There will be within this time, which is rounded up: nothing is done too early.
    Within(Duration),
    /// Nothing but what is polled tells.
    Sleeps,
    /// There is something to do, and from now on this is polled and tells, where nothing was
    /// before.
    Watches(Pollable),
}

/// A `GSource` as GLib allocates it, with what is ours at its end.
#[repr(C)]
struct Extended<D> {
    source: ffi::GSource,
    /// A strong count of an `Arc<D>`, given back as the source is finalized: the functions
    /// may still run while another thread destroys the source.
    value: *const D,
    /// What GLib polls for the source, and what it has found. Where nothing is polled
    /// it stays as it is: all zero.
    polled: PollFd,
}

/// Attaches a source to `context` that does what `value` says. `pollable`, if there is
/// one, is open for as long as `value` lives.
pub(super) fn attach<D: Dispatch>(
    value: &Arc<D>,
    context: &MainContext,
    priority: Priority,
    name: &'static CStr,
    pollable: Option<Pollable>,
) {
    let size = mem::size_of::<Extended<D>>();
    let size = u32::try_from(size).expect("it is some hundred bytes");
    // SAFETY: GLib allocates `size` bytes, sets all to zero, and fills in the `GSource` at
    // their begin; it only reads the functions, which are there for ever. Both strong
    // counts are given away here: one to the end of the source, which `finalize` gives
    // back, and one to its callback's data, which `destroyed` gives back. No function is
    // called before the source is attached. Its only reference passes to `Source`.
    let source: Source = unsafe {
        let source = ffi::g_source_new(ptr::from_ref(Functions::<D>::ALL).cast_mut(), size);
        let extended = source.cast::<Extended<D>>();
        (*extended).value = Arc::into_raw(value.clone());
        if let Some(pollable) = pollable {
            watch(extended, pollable);
        }
        let data = Arc::into_raw(value.clone()).cast_mut().cast();
        ffi::g_source_set_callback(source, Some(not_called), data, Some(destroyed::<D>));
        ffi::g_source_set_can_recurse(source, ffi::GTRUE);
        ffi::g_source_set_priority(source, priority.into_glib());
        ffi::g_source_set_name(source, name.as_ptr());
        from_glib_full(source)
    };
    source.attach(Some(context));
}

/// Has GLib poll `pollable` for the source.
///
/// # Safety
///
/// It is one of [`attach`]'s that has not been finalized and has nothing to be polled yet, and is
/// not being polled.
unsafe fn watch<D>(extended: *mut Extended<D>, pollable: Pollable) {
    // SAFETY: the caller's. What is polled is in the source, and stays there as long as it does.
    unsafe {
        (*extended).polled = PollFd {
            fd: pollable,
            events: POLLED,
            revents: 0,
        };
        // Not `g_source_add_unix_fd`, with which GLib dispatches a source whose descriptor is
        // ready, whatever `check` says.
        let polled = &raw mut (*extended).polled;
        ffi::g_source_add_poll(extended.cast(), polled.cast::<ffi::GPollFD>());
    }
}

struct Functions<D>(D);

impl<D: Dispatch> Functions<D> {
    const ALL: &'static ffi::GSourceFuncs = &ffi::GSourceFuncs {
        prepare: Some(prepare::<D>),
        check: Some(check::<D>),
        dispatch: Some(dispatch::<D>),
        finalize: Some(finalize::<D>),
        closure_callback: None,
        closure_marshal: None,
    };
}

/// # Safety
///
/// `source` is one of [`attach`]'s that has not been finalized.
unsafe fn value<'a, D>(source: *mut ffi::GSource) -> &'a D {
    // SAFETY: it holds a strong count until it is finalized.
    unsafe { &*(*source.cast::<Extended<D>>()).value }
}

unsafe extern "C" fn prepare<D: Dispatch>(
    source: *mut ffi::GSource,
    timeout: *mut c_int,
) -> gboolean {
    // SAFETY: GLib calls this with a source that it holds.
    let value = unsafe { value::<D>(source) };
    // A forked child that iterates the context has nothing to do with what is its parent's: it
    // would take the wake-ups of a descriptor that both have.
    let prepared = if fork::is_child() {
        Prepared::Sleeps
    } else {
        value.prepare()
    };
    let (is_ready, milliseconds) = match prepared {
        Prepared::Ready => (true, 0),
        Prepared::Within(time) => {
            // The loop asks again when it has slept for the longest that it can count.
            let time = c_int::try_from(milliseconds(time));
            (false, time.unwrap_or(c_int::MAX))
        }
        Prepared::Sleeps => (false, -1),
        Prepared::Watches(pollable) => {
            // SAFETY: as above; it had none, and the loop has not come to polling yet.
            unsafe { watch(source.cast::<Extended<D>>(), pollable) };
            (true, 0)
        }
    };
    // SAFETY: GLib gives a place for the answer.
    unsafe { *timeout = milliseconds };
    is_ready.into_glib()
}

unsafe extern "C" fn check<D: Dispatch>(source: *mut ffi::GSource) -> gboolean {
    // SAFETY: as in `prepare`; GLib has written what it found before it calls this.
    let (value, found) = unsafe {
        let found = (*source.cast::<Extended<D>>()).polled.revents;
        (value::<D>(source), found)
    };
    (!fork::is_child() && value.check(found != 0)).into_glib()
}

unsafe extern "C" fn dispatch<D: Dispatch>(
    source: *mut ffi::GSource,
    _: ffi::GSourceFunc,
    _: gpointer,
) -> gboolean {
    // SAFETY: as in `prepare`. The strong count is only borrowed: it is not dropped here.
    let value = unsafe {
        let value = (*source.cast::<Extended<D>>()).value;
        mem::ManuallyDrop::new(Arc::from_raw(value))
    };
    if fork::is_child() {
        return ffi::GTRUE;
    }
    value.dispatch().into_glib()
}

unsafe extern "C" fn finalize<D: Dispatch>(source: *mut ffi::GSource) {
    // SAFETY: `attach` gave this strong count away, and GLib calls this once, at the end.
    drop(unsafe { Arc::from_raw((*source.cast::<Extended<D>>()).value) });
}

/// The source's callback: `dispatch` does all by itself.
unsafe extern "C" fn not_called(_: gpointer) -> gboolean {
    ffi::GTRUE
}

/// The `GDestroyNotify` of the callback's data, which GLib lets go of as it destroys the
/// source, and also where it can't attach it.
unsafe extern "C" fn destroyed<D: Dispatch>(data: gpointer) {
    // SAFETY: `attach` gave this strong count away, and GLib calls this once.
    let value = unsafe { Arc::from_raw(data.cast::<D>().cast_const()) };
    value.destroyed();
}
