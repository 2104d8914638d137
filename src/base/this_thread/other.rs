//! Elsewhere: what the standard library knows of it.
#![cfg_attr(target_os = "netbsd", allow(unsafe_code))]

use std::thread;

pub(crate) fn name() -> Option<String> {
    thread::current().name().map(str::to_owned)
}

pub(crate) fn set_name(_: &str) {}

pub(crate) fn id() -> Option<u32> {
    None
}

/// That library knows it in a program whose `main` it calls.
#[cfg(not(target_os = "netbsd"))]
pub(crate) fn is_main() -> bool {
    thread::current().name() == Some("main")
}

#[cfg(target_os = "netbsd")]
pub(crate) fn is_main() -> bool {
    // SAFETY: both tell a number.
    let (thread, process) = unsafe { (libc::_lwp_self(), libc::getpid()) };
    // It has the number of its process. Before NetBSD 10 each process counted its own threads.
    thread == process || thread == 1
}
