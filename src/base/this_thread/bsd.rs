//! On FreeBSD, DragonFly and OpenBSD.
#![allow(unsafe_code)]

use std::ffi::CStr;

use super::cut::cut;

/// As many bytes as the kernel keeps of a name. OpenBSD's takes none that is longer.
const LONGEST: usize = if cfg!(target_os = "openbsd") { 23 } else { 19 };

pub(crate) fn name() -> Option<String> {
    let mut bytes = [0; LONGEST + 1];
    let (place, size) = (bytes.as_mut_ptr(), bytes.len());
    // SAFETY: there is room for so many bytes.
    unsafe { libc::pthread_get_name_np(libc::pthread_self(), place.cast(), size) };
    let name = CStr::from_bytes_until_nul(&bytes).ok()?;
    (!name.is_empty()).then(|| name.to_string_lossy().into_owned())
}

pub(crate) fn set_name(name: &str) {
    let name = cut(name, LONGEST);
    // SAFETY: it ends with a zero, and is copied.
    unsafe { libc::pthread_set_name_np(libc::pthread_self(), name.as_ptr()) };
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
