//! The C API: `src/capi/qio-task.h`, for GLib programs in C.
#![allow(unsafe_code)]

use std::{ffi::c_char, ptr};

use glib::ffi::{GDestroyNotify, gpointer};

#[unsafe(no_mangle)]
extern "C" fn qio_task_check_version(major: u32, minor: u32, micro: u32) -> *const c_char {
    let _ = (major, minor, micro);
    let _: (gpointer, GDestroyNotify) = (ptr::null_mut(), None);
    ptr::null()
}
