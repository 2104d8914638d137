//! On Linux.

use std::process;

use rustix::thread;

use super::cut::cut;

/// As many bytes as it keeps.
const LONGEST: usize = 15;

pub(crate) fn name() -> Option<String> {
    let name = thread::name().ok()?;
    Some(name.to_string_lossy().into_owned())
}

/// Whether it is called otherwise than `own`.
pub(crate) fn is_renamed(own: &str) -> bool {
    thread::name().is_ok_and(|name| name.as_bytes() != own.as_bytes())
}

pub(crate) fn set_name(name: &str) {
    let _ = thread::set_name(&cut(name, LONGEST));
}

pub(crate) fn id() -> Option<u32> {
    u32::try_from(thread::gettid().as_raw_nonzero().get()).ok()
}

/// The first thread has the number of its process.
pub(crate) fn is_main() -> bool {
    id() == Some(process::id())
}
