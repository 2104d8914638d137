//! On Linux: one descriptor for both sides, read and written in one call each.

use std::{
    io,
    os::fd::{AsRawFd, OwnedFd},
};

use rustix::event::{EventfdFlags, eventfd};

use crate::context::poll_fd::Pollable;

/// See the module's documentation.
pub(in super::super) struct WakeUp(OwnedFd);

impl WakeUp {
    /// # Errors
    ///
    /// When the process is out of descriptors.
    pub(in super::super) fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self(eventfd(0, flags)?))
    }

    pub(in super::super) fn wake(&self) {
        // Fails only when the counter is full, and then the descriptor is readable.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }

    pub(in super::super) fn clear(&self) {
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }

    /// What is to be watched.
    pub(in super::super) fn pollable(&self) -> Pollable {
        self.0.as_raw_fd()
    }
}
