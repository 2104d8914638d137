//! As large as the process may have its first one.

use rustix::process::{Resource, getrlimit};

/// What threads get where the system names no limit, as on most systems where it
/// names one.
const USUAL: usize = 8 << 20;

pub(super) fn platform() -> usize {
    let limit = getrlimit(Resource::Stack).current;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    limit.unwrap_or(USUAL)
}
