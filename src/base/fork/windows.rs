//! A process that ends is asked of the system.
#![allow(unsafe_code)]

/// What is told who uses the library as the process ends.
pub(crate) const REFUSAL: &str = "qio-task can't be used as the process ends: its other threads \
                                  have ended";

#[cfg_attr(not(target_arch = "x86"), link(name = "ntdll", kind = "raw-dylib"))]
#[cfg_attr(
    target_arch = "x86",
    link(name = "ntdll", kind = "raw-dylib", import_name_type = "undecorated")
)]
unsafe extern "system" {
    fn RtlDllShutdownInProgress() -> u8;
}

/// Nothing has to be done for it.
pub(crate) fn watch() {}

/// Whether this process ends, and this thread is the only one that is left.
#[inline]
pub(crate) fn is_child() -> bool {
    // SAFETY: it tells a number, and takes no lock.
    unsafe { RtlDllShutdownInProgress() != 0 }
}
