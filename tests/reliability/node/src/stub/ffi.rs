//! The functions of C, and what they are given, as GLib documents them.
#![allow(unsafe_code)]

use std::{
    alloc::{self, Layout},
    ffi::{c_char, c_int, c_uint, c_ushort, c_void},
    mem, ptr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::context::{self, Weak};
use crate::base::sync::lock;

pub type gboolean = c_int;
pub type gpointer = *mut c_void;
pub type GIOCondition = c_uint;
pub type GSourceFunc = Option<unsafe extern "C" fn(gpointer) -> gboolean>;
pub type GSourceDummyMarshal = Option<unsafe extern "C" fn()>;
pub type GDestroyNotify = Option<unsafe extern "C" fn(gpointer)>;

pub const GTRUE: gboolean = 1;
pub const G_IO_IN: GIOCondition = 1;

pub enum GMainContext {}

#[repr(C)]
pub struct GPollFD {
    pub fd: c_int,
    pub events: c_ushort,
    pub revents: c_ushort,
}

#[repr(C)]
pub struct GSourceFuncs {
    pub prepare: Option<unsafe extern "C" fn(*mut GSource, *mut c_int) -> gboolean>,
    pub check: Option<unsafe extern "C" fn(*mut GSource) -> gboolean>,
    pub dispatch: Option<unsafe extern "C" fn(*mut GSource, GSourceFunc, gpointer) -> gboolean>,
    pub finalize: Option<unsafe extern "C" fn(*mut GSource)>,
    pub closure_callback: GSourceFunc,
    pub closure_marshal: GSourceDummyMarshal,
}

#[repr(C)]
pub struct GSource {
    references: AtomicUsize,
    pub(super) functions: *const GSourceFuncs,
    size: usize,
    pub(super) fields: Mutex<Fields>,
}

/// What changes of a source.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) priority: c_int,
    pub(super) callback: Option<(gpointer, GDestroyNotify)>,
    pub(super) polled: Vec<*mut GPollFD>,
    pub(super) context: Weak,
    pub(super) is_destroyed: bool,
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 16).expect("it is small")
}

/// # Safety
///
/// As for all functions of this file: what the pointers point to is as GLib says.
pub unsafe fn g_source_new(functions: *mut GSourceFuncs, size: c_uint) -> *mut GSource {
    let size = size as usize;
    assert!(size >= mem::size_of::<GSource>());
    // SAFETY: it has room for the source.
    unsafe {
        let source = alloc::alloc_zeroed(layout(size)).cast::<GSource>();
        source.write(GSource {
            references: AtomicUsize::new(1),
            functions,
            size,
            fields: Mutex::default(),
        });
        source
    }
}

pub(super) unsafe fn g_source_ref(source: *mut GSource) {
    // SAFETY: the caller's.
    unsafe { (*source).references.fetch_add(1, Ordering::Relaxed) };
}

pub(super) unsafe fn g_source_unref(source: *mut GSource) {
    // SAFETY: the caller's; the last reference frees it.
    unsafe {
        if (*source).references.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        if let Some(finalize) = (*(*source).functions).finalize {
            finalize(source);
        }
        let size = (*source).size;
        ptr::drop_in_place(source);
        alloc::dealloc(source.cast(), layout(size));
    }
}

/// Locks what changes of a source. No function of its own is called meanwhile.
pub(super) unsafe fn fields<'a>(source: *mut GSource) -> std::sync::MutexGuard<'a, Fields> {
    // SAFETY: the caller's. No reference to more than these is made: what is behind the
    // source is its owner's.
    lock(unsafe { &(*source).fields })
}

pub unsafe fn g_source_add_poll(source: *mut GSource, descriptor: *mut GPollFD) {
    // SAFETY: the caller's.
    unsafe { fields(source) }.polled.push(descriptor);
}

pub unsafe fn g_source_set_callback(
    source: *mut GSource,
    _: GSourceFunc,
    data: gpointer,
    notify: GDestroyNotify,
) {
    // SAFETY: the caller's.
    unsafe { fields(source) }.callback = Some((data, notify));
}

pub unsafe fn g_source_set_can_recurse(_: *mut GSource, _: gboolean) {}

pub unsafe fn g_source_set_priority(source: *mut GSource, priority: c_int) {
    // SAFETY: the caller's.
    unsafe { fields(source) }.priority = priority;
}

pub unsafe fn g_source_set_name(_: *mut GSource, _: *const c_char) {}

pub unsafe fn g_main_context_get_thread_default() -> *mut GMainContext {
    context::thread_default().map_or(ptr::null_mut(), |context| context.as_ptr())
}

pub unsafe fn g_main_context_pop_thread_default(_: *mut GMainContext) {
    unreachable!("no test leaves one");
}

pub unsafe fn g_main_current_source() -> *mut GSource {
    context::main_current_source().map_or(ptr::null_mut(), |source| source.0)
}

pub unsafe fn g_source_get_context(source: *mut GSource) -> *mut GMainContext {
    // SAFETY: the caller's.
    let context = unsafe { fields(source) }.context.upgrade();
    context.map_or(ptr::null_mut(), |context| context.as_ptr())
}
