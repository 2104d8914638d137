//! [`Host`]: the object system and the error type of the program.
#![allow(unsafe_code)]

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

use super::{c_types::OwnedData, check::Checked};

/// `QIOTaskHost`, with all of its functions there.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Host {
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
}

/// A reference on what a task is about. Null when it is about nothing.
pub(super) struct SourceRef(OwnedData);

impl SourceRef {
    /// # Safety
    ///
    /// `source` is null or a source of the host's.
    #[inline]
    pub(super) unsafe fn new(source: gpointer) -> Self {
        // Also for none: there is a host from now on.
        let host = Host::get();
        if source.is_null() {
            return Self(OwnedData::NOTHING);
        }
        // SAFETY: the caller's; the reference is given back once.
        unsafe {
            (host.ref_source)(source);
            Self(OwnedData::new(source, Some(host.unref_source)))
        }
    }

    #[inline]
    pub(super) fn get(&self) -> gpointer {
        self.0.get()
    }

    /// The source as GIO sees it.
    pub(super) fn object(&self) -> Option<glib::Object> {
        let is_object = Host::is_glib() && !self.get().is_null();
        // SAFETY: with this host a source is an object, referenced by this one.
        is_object.then(|| unsafe { from_glib_none(self.get().cast::<GObject>()) })
    }
}

/// An error of the host's. Null where there is none.
pub(super) struct HostError(OwnedData);

impl HostError {
    pub(super) const NONE: Self = Self(OwnedData::NOTHING);

    /// # Safety
    ///
    /// `error` is null or an error of the host's, and is handed over.
    pub(super) unsafe fn from_c(error: gpointer) -> Self {
        let free = (!error.is_null()).then_some(Host::get().free_error);
        // SAFETY: the caller's.
        Self(unsafe { OwnedData::new(error, free) })
    }

    /// What says the same as `error`.
    pub(super) fn new(error: &glib::Error) -> Self {
        // SAFETY: the function borrows a valid error, and hands over its own.
        unsafe { Self::from_c((Host::get().new_error)(error.to_glib_none().0)) }
    }

    pub(super) fn is_some(&self) -> bool {
        !self.0.get().is_null()
    }

    /// Moves it to `dest`, or frees it when that is null.
    ///
    /// # Safety
    ///
    /// `dest` is what the host's function takes.
    pub(super) unsafe fn propagate(self, dest: *mut gpointer) {
        // SAFETY: the caller's; the error passes to the function.
        unsafe { (Host::get().propagate_error)(dest, self.0.get()) };
        mem::forget(self);
    }

    /// What GIO is told of it, if there is one.
    pub(super) fn describe(&self) -> Result<(), glib::Error> {
        match (self.is_some(), Host::is_glib()) {
            (false, _) => Ok(()),
            // SAFETY: with this host an error is a GError, owned by this one.
            (true, true) => Err(unsafe { from_glib_none(self.0.get().cast::<GError>()) }),
            (true, false) => {
                let code = gio::IOErrorEnum::Failed;
                Err(glib::Error::new(code, "the operation failed"))
            }
        }
    }
}
