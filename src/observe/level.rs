//! Whether anybody subscribes to what `tracing` has of this library.
#![cfg(feature = "tracing")]

use tracing::{Level, level_enabled};

use crate::base::quietly::quietly;

/// Whether anybody wants what is of `level`, as `ask` asks the subscriber:
/// foreign code, which may panic.
#[inline]
pub(super) fn is_enabled(level: Level, ask: impl FnOnce() -> bool) -> bool {
    let mut is_enabled = false;
    if level_enabled!(level) {
        quietly(|| is_enabled = ask());
    }
    is_enabled
}
