//! How large the stacks of worker threads are.

#[cfg(unix)]
#[path = "stack/posix.rs"]
mod chosen;
#[cfg(windows)]
#[path = "stack/windows.rs"]
mod chosen;

use std::{env, num::NonZero, sync::OnceLock};

use crate::base::pool::StackSize;

/// With less a worker can hardly call anything.
const LEAST: usize = 64 << 10;
/// More is a mistake in reckoning: no thread would ever start.
const MOST: usize = if usize::BITS > 32 { 1 << 40 } else { 1 << 30 };

/// So many bytes, or the assertion that they fail.
pub(crate) fn checked(bytes: usize) -> Result<NonZero<usize>, &'static str> {
    if bytes > MOST {
        return Err(if usize::BITS > 32 {
            "bytes <= 1 TiB"
        } else {
            "bytes <= 1 GiB"
        });
    }
    let enough = NonZero::new(bytes).filter(|bytes| bytes.get() >= LEAST);
    enough.ok_or("bytes >= 64 KiB")
}

/// So many bytes.
///
/// # Panics
///
/// Panics on the caller's line where [`checked`] fails.
#[track_caller]
pub(crate) fn expect(bytes: usize) -> NonZero<usize> {
    match checked(bytes) {
        Ok(size) => size,
        Err(assertion) => panic!("the stack of a thread can't have {bytes} bytes: {assertion}"),
    }
}

/// The size in bytes of a stack of this size.
pub(crate) fn bytes(size: StackSize) -> usize {
    size.map_or_else(platform, NonZero::get)
}

/// What this platform gives a thread, as far as can be asked.
fn platform() -> usize {
    chosen::platform().max(rust()).min(MOST)
}

/// What `std` is told to give a thread at least, by the environment. As `std`
/// does, asked once.
fn rust() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        let bytes = env::var_os("RUST_MIN_STACK");
        let bytes = bytes.and_then(|bytes| bytes.to_str()?.parse().ok());
        bytes.unwrap_or(0)
    })
}
