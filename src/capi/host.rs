//! [`Host`]: the object system and the error type of the program.

use std::{
    mem::{self, transmute},
    ptr,
    sync::OnceLock,
};

use glib::{
    ffi::{GError, g_error_copy, g_error_free, g_propagate_error, gpointer},
    gobject_ffi::{GObject, g_object_ref, g_object_unref},
    translate::{ToGlibPtr, from_glib_none},
};

use super::{Checked, Owned};

/// `QIOTaskHost`, with all of its functions there.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Host {
    ref_source: unsafe extern "C" fn(gpointer) -> gpointer,
    unref_source: unsafe extern "C" fn(gpointer),
    propagate_error: unsafe extern "C" fn(*mut gpointer, gpointer),
    free_error: unsafe extern "C" fn(gpointer),
    new_error: unsafe extern "C" fn(*const GError) -> gpointer,
}

/// What there is instead of `GObject` and `GError`. Settled with the first task.
static HOST: OnceLock<Option<Host>> = OnceLock::new();

impl Host {
    #[allow(
        clippy::missing_transmute_annotations,
        reason = "the fields have types"
    )]
    // SAFETY: pointers are passed alike whatever they point to, and with this
    // host sources are objects and errors are GErrors, says the header.
    const GLIB: Self = unsafe {
        Self {
            ref_source: transmute(g_object_ref as *const ()),
            unref_source: transmute(g_object_unref as *const ()),
            propagate_error: transmute(g_propagate_error as *const ()),
            free_error: transmute(g_error_free as *const ()),
            new_error: transmute(g_error_copy as *const ()),
        }
    };

    fn get() -> &'static Self {
        HOST.get_or_init(|| None).as_ref().unwrap_or(&Self::GLIB)
    }

    fn is_glib() -> bool {
        HOST.get_or_init(|| None).is_none()
    }

    /// # Safety
    ///
    /// `host` points to a `QIOTaskHost`.
    pub(super) unsafe fn set(host: *const Self) -> Checked<()> {
        // SAFETY: the caller's. Its functions may be null as long as they are
        // not read as functions.
        let members = unsafe { host.cast::<[*const (); 5]>().read() };
        if members.contains(&ptr::null()) {
            return Err("host has all of its functions");
        }
        // SAFETY: none is.
        let host = unsafe { host.read() };
        HOST.set(Some(host))
            .map_err(|_| "the host is set once, before the first task")
    }

    /// A reference on what a task is about.
    ///
    /// # Safety
    ///
    /// `source` is null or a source of the host's.
    pub(super) unsafe fn source(source: gpointer) -> Owned {
        let host = Self::get();
        if source.is_null() {
            return Owned::NOTHING;
        }
        // SAFETY: the caller's; the reference is given back once.
        unsafe {
            (host.ref_source)(source);
            Owned::new(source, Some(host.unref_source))
        }
    }

    /// # Safety
    ///
    /// `error` is null or an error of the host's, and is handed over.
    pub(super) unsafe fn error(error: gpointer) -> Owned {
        let free = (!error.is_null()).then_some(Self::get().free_error);
        // SAFETY: the caller's.
        unsafe { Owned::new(error, free) }
    }

    /// An error that says what `error` does.
    pub(crate) fn new_error(error: &glib::Error) -> Owned {
        // SAFETY: the function borrows a valid error, and hands over its own.
        unsafe { Self::error((Self::get().new_error)(error.to_glib_none().0)) }
    }

    /// Moves an error to `dest`, or frees it when that is null.
    ///
    /// # Safety
    ///
    /// `dest` is what the host's function takes.
    pub(super) unsafe fn propagate(error: Owned, dest: *mut gpointer) {
        // SAFETY: the caller's; the error passes to the function.
        unsafe { (Self::get().propagate_error)(dest, error.get()) };
        mem::forget(error);
    }

    /// An error as GIO sees it.
    pub(crate) fn describe(error: &Owned) -> glib::Error {
        if Self::is_glib() {
            // SAFETY: with this host an error is a GError, owned there.
            return unsafe { from_glib_none(error.get().cast::<GError>()) };
        }
        glib::Error::new(gio::IOErrorEnum::Failed, "the operation failed")
    }

    /// A source as GIO sees it.
    pub(crate) fn object(source: &Owned) -> Option<glib::Object> {
        let is_object = Self::is_glib() && source.is_some();
        // SAFETY: with this host a source is an object, referenced there.
        is_object.then(|| unsafe { from_glib_none(source.get().cast::<GObject>()) })
    }
}
