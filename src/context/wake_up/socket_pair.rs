//! Elsewhere: the side that is watched, and the one that is written to.

use std::{
    io::{self, Read, Write},
    os::{
        fd::{AsRawFd, RawFd},
        unix::net::UnixStream,
    },
};

/// See the module's documentation.
pub(in super::super) struct WakeUp(UnixStream, UnixStream);

impl WakeUp {
    /// # Errors
    ///
    /// When the process is out of descriptors.
    pub(in super::super) fn new() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
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

    /// The descriptor to watch.
    pub(in super::super) fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
