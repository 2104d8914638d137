//! [`PollFd`]: what GLib polls for a source, and what it has found.

/// What it polls: a descriptor.
#[cfg(unix)]
pub(crate) type Pollable = std::ffi::c_int;

/// What it polls: a handle. It has as many bits as a pointer there.
#[cfg(windows)]
pub(crate) type Pollable = isize;

/// A `GPollFD`. That of glib-rs has 32 bits for a handle on Windows for ARM, where GLib has 64.
#[repr(C)]
pub(super) struct PollFd {
    pub(super) fd: Pollable,
    pub(super) events: u16,
    pub(super) revents: u16,
}

#[cfg(test)]
mod tests {
    use std::mem::{offset_of, size_of};

    use glib::ffi::GPollFD;

    use super::PollFd;

    /// Wherever that of glib-rs is right.
    #[test]
    #[cfg(not(all(windows, target_arch = "aarch64")))]
    fn it_is_laid_out_as_glib_has_it() {
        assert_eq!(size_of::<PollFd>(), size_of::<GPollFD>());
        assert_eq!(offset_of!(PollFd, events), offset_of!(GPollFD, events));
        assert_eq!(offset_of!(PollFd, revents), offset_of!(GPollFD, revents));
    }
}
