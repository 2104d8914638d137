//! Elsewhere: the side of a pipe that is watched, and the one that is written to.

use std::{
    io::{self, PipeReader, PipeWriter, Read, Write},
    os::fd::AsRawFd,
};

use rustix::io::ioctl_fionbio;

use crate::context::poll_fd::Pollable;

/// See the module's documentation.
pub(in super::super) struct WakeUp(PipeReader, PipeWriter);

impl WakeUp {
    /// # Errors
    ///
    /// When the process is out of descriptors.
    pub(in super::super) fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        ioctl_fionbio(&reader, true)?;
        ioctl_fionbio(&writer, true)?;
        Ok(Self(reader, writer))
    }

    pub(in super::super) fn wake(&self) {
        // Full: it is readable already.
        let _ = (&self.1).write(&[0]);
    }

    pub(in super::super) fn clear(&self) {
        let mut bytes = [0; 64];
        while (&self.0)
            .read(&mut bytes)
            .is_ok_and(|read| read == bytes.len())
        {}
    }

    /// What is to be watched.
    pub(in super::super) fn pollable(&self) -> Pollable {
        self.0.as_raw_fd()
    }
}
