//! Which context is this thread's default, for who only compares it: a reference costs as much
//! as half of what else a task does.
#![allow(unsafe_code)]

use glib::ffi;

use super::{address, global};

/// Whether the context at `context` is this thread's default.
#[inline]
pub(crate) fn is_thread_default(context: usize) -> bool {
    // SAFETY: any thread may ask. What is told is an address, which is not followed.
    let default = unsafe { ffi::g_main_context_get_thread_default() };
    let default = if default.is_null() {
        address(global())
    } else {
        default.addr()
    };
    default == context
}
