//! On macOS and its like.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};

/// As many bytes as the system keeps of a name, and the zero after them.
const LONGEST: usize = 64;

pub(crate) fn name() -> Option<String> {
    let mut bytes: [c_char; LONGEST] = [0; LONGEST];
    // SAFETY: there is room for so many bytes, of which the last one stays zero.
    let name = unsafe {
        let failed = libc::pthread_getname_np(libc::pthread_self(), bytes.as_mut_ptr(), LONGEST);
        (failed == 0).then(|| CStr::from_ptr(bytes.as_ptr()))?
    };
    (!name.is_empty()).then(|| name.to_string_lossy().into_owned())
}

pub(crate) fn set_name(name: &str) {
    let name = name.bytes().take(LONGEST - 1).filter(|byte| *byte != 0);
    if let Ok(name) = CString::new(name.collect::<Vec<u8>>()) {
        // SAFETY: it is copied.
        unsafe { libc::pthread_setname_np(name.as_ptr()) };
    }
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
