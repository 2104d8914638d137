//! What a thread of the pool is called, for the kernel, and so for debuggers and profilers.

/// While no named task runs in it.
pub(super) const NAME: &str = "qio-worker";

/// Names this thread.
pub(super) fn set(name: &str) {
    #[cfg(target_os = "linux")]
    {
        // The kernel keeps 15 bytes.
        let name: Vec<u8> = name.bytes().take(15).filter(|byte| *byte != 0).collect();
        if let Ok(name) = std::ffi::CString::new(name) {
            let _ = rustix::thread::set_name(&name);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = name;
}

/// Gives it this name, its own, again. To look first costs as much, and tells no profiler of a
/// new one.
pub(super) fn restore(own: &str) {
    #[cfg(target_os = "linux")]
    if rustix::thread::name().is_ok_and(|name| name.as_bytes() != own.as_bytes()) {
        set(own);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = own;
}
