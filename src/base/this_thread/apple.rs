//! On macOS and its like.
#![allow(unsafe_code)]

use std::ffi::CStr;

use super::cut::cut;

/// As many bytes as the system keeps of a name.
const LONGEST: usize = 63;

pub(crate) fn name() -> Option<String> {
    let mut bytes = [0; LONGEST + 1];
    let (place, size) = (bytes.as_mut_ptr(), bytes.len());
    // SAFETY: there is room for so many bytes.
    unsafe { libc::pthread_getname_np(libc::pthread_self(), place.cast(), size) };
    let name = CStr::from_bytes_until_nul(&bytes).ok()?;
    (!name.is_empty()).then(|| name.to_string_lossy().into_owned())
}

pub(crate) fn set_name(name: &str) {
    // SAFETY: it ends with a zero, and is copied.
    unsafe { libc::pthread_setname_np(cut(name, LONGEST).as_ptr()) };
}

/// Of those that are larger than a process ever has, none is told.
pub(crate) fn id() -> Option<u32> {
    let mut id = 0;
    // SAFETY: a place for the number.
    let failed = unsafe { libc::pthread_threadid_np(libc::pthread_self(), &raw mut id) };
    (failed == 0).then(|| u32::try_from(id).ok()).flatten()
}

pub(crate) fn is_main() -> bool {
    // SAFETY: it tells a number.
    unsafe { libc::pthread_main_np() != 0 }
}
