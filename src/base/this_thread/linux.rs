//! On Linux, where the kernel keeps 15 bytes of a name.

use std::{ffi::CString, process};

use rustix::thread;

pub(crate) fn name() -> Option<String> {
    let name = thread::name().ok()?;
    Some(name.to_string_lossy().into_owned())
}

/// Whether it is called otherwise than `own`.
pub(crate) fn is_renamed(own: &str) -> bool {
    thread::name().is_ok_and(|name| name.as_bytes() != own.as_bytes())
}

pub(crate) fn set_name(name: &str) {
    let name: Vec<u8> = name.bytes().take(15).filter(|byte| *byte != 0).collect();
    if let Ok(name) = CString::new(name) {
        let _ = thread::set_name(&name);
    }
}

pub(crate) fn id() -> Option<u32> {
    u32::try_from(thread::gettid().as_raw_nonzero().get()).ok()
}

/// The first thread has the number of its process.
pub(crate) fn is_main() -> bool {
    id() == Some(process::id())
}
