//! On FreeBSD, DragonFly and OpenBSD.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};

/// As many bytes as are kept of a name, and the zero after them: the longest of the three.
const LONGEST: usize = 64;

pub(crate) fn name() -> Option<String> {
    let mut bytes: [c_char; LONGEST] = [0; LONGEST];
    // SAFETY: there is room for so many bytes, of which the last one stays zero.
    let name = unsafe {
        libc::pthread_get_name_np(libc::pthread_self(), bytes.as_mut_ptr(), LONGEST);
        CStr::from_ptr(bytes.as_ptr())
    };
    (!name.is_empty()).then(|| name.to_string_lossy().into_owned())
}

pub(crate) fn set_name(name: &str) {
    let name = name.bytes().filter(|byte| *byte != 0);
    if let Ok(name) = CString::new(name.collect::<Vec<u8>>()) {
        // SAFETY: it is copied.
        unsafe { libc::pthread_set_name_np(libc::pthread_self(), name.as_ptr()) };
    }
}

#[cfg(target_os = "freebsd")]
pub(crate) fn id() -> Option<u32> {
    // SAFETY: it tells a number.
    u32::try_from(unsafe { libc::pthread_getthreadid_np() }).ok()
}

#[cfg(target_os = "openbsd")]
pub(crate) fn id() -> Option<u32> {
    // SAFETY: it tells a number.
    u32::try_from(unsafe { libc::getthrid() }).ok()
}

#[cfg(target_os = "dragonfly")]
pub(crate) fn id() -> Option<u32> {
    None
}

pub(crate) fn is_main() -> bool {
    // SAFETY: it tells a number.
    unsafe { libc::pthread_main_np() != 0 }
}
