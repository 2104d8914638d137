//! The source that a bell wakes.
//!
//! A loop that is nested in a callback has to dispatch it again, so it may
//! recurse. GLib says so of a source through C alone: the closures of glib-rs
//! can't be entered twice, and a source that may not recurse is taken out of
//! the poll and put back with every dispatch, which wakes its own context each
//! time, to no end.
#![allow(unsafe_code)]

use std::{ffi::c_int, os::fd::RawFd, sync::Arc};

use glib::{
    ControlFlow, IOCondition, MainContext, Priority, Source,
    ffi::{self, gboolean, gpointer},
    translate::{IntoGlib, from_glib_full},
};

use super::Lane;

/// What each source owns: dropped with the context, or as the source could not
/// be attached to a dead one.
struct Anchor(Arc<Lane>);

impl Drop for Anchor {
    fn drop(&mut self) {
        self.0.delivery.close();
    }
}

/// Attaches a source to `context` that dispatches `lane` while `descriptor`,
/// which `lane` owns, is readable.
pub(super) fn attach(
    lane: &Arc<Lane>,
    context: &MainContext,
    descriptor: RawFd,
    priority: Priority,
) {
    let anchor = Box::into_raw(Box::new(Anchor(lane.clone())));
    // SAFETY: a descriptor source calls its callback as a `GUnixFDSourceFunc`,
    // which `dispatch` is. The source owns `anchor` from here on: it calls
    // `dispatch` with it, and `free` once, after the last call has returned.
    // The new source's only reference passes to `Source`.
    let source: Source = unsafe {
        let source = glib_unix::ffi::g_unix_fd_source_new(descriptor, IOCondition::IN.into_glib());
        let callback = std::mem::transmute::<*const (), unsafe extern "C" fn(gpointer) -> gboolean>(
            dispatch as *const (),
        );
        ffi::g_source_set_callback(source, Some(callback), anchor.cast(), Some(free));
        ffi::g_source_set_can_recurse(source, ffi::GTRUE);
        ffi::g_source_set_priority(source, priority.into_glib());
        ffi::g_source_set_name(source, c"qio-task completions".as_ptr());
        from_glib_full(source)
    };
    source.attach(Some(context));
}

/// The callback of each source. A panic ends the process here, as it does in
/// any callback of a main loop.
unsafe extern "C" fn dispatch(_: c_int, _: ffi::GIOCondition, anchor: gpointer) -> gboolean {
    // SAFETY: the source owns the `Anchor`, for longer than this call. It is
    // only ever shared, so that a nested call and any thread may have it too.
    let Anchor(lane) = unsafe { &*anchor.cast::<Anchor>() };
    lane.dispatch();
    // Closed, though the context lives: somebody destroyed the source.
    let flow = if lane.delivery.is_open() {
        ControlFlow::Continue
    } else {
        ControlFlow::Break
    };
    flow.into_glib()
}

/// The `GDestroyNotify` of each source's callback.
unsafe extern "C" fn free(anchor: gpointer) {
    // SAFETY: `attach` gave the `Anchor` away, and this is called once.
    drop(unsafe { Box::from_raw(anchor.cast::<Anchor>()) });
}
