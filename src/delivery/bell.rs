//! What wakes a context from any thread: a descriptor that is readable while
//! the bell rings.
//!
//! Neither side ever blocks. Ringing twice is as good as once, and silencing
//! what does not ring does nothing.

pub(super) use kind::Bell;

#[cfg(target_os = "linux")]
mod kind {
    use std::{
        io,
        os::fd::{AsRawFd, OwnedFd, RawFd},
    };

    use rustix::event::{EventfdFlags, eventfd};

    /// One descriptor for both sides, read and written in one call each.
    pub(in super::super) struct Bell(OwnedFd);

    impl Bell {
        /// # Errors
        ///
        /// When the process is out of descriptors.
        pub(in super::super) fn new() -> io::Result<Self> {
            let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
            Ok(Self(eventfd(0, flags)?))
        }

        pub(in super::super) fn ring(&self) {
            // Fails only when it rings already, four billion times over.
            let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
        }

        pub(in super::super) fn silence(&self) {
            let _ = rustix::io::read(&self.0, &mut [0; 8]);
        }

        /// The descriptor to watch.
        pub(in super::super) fn descriptor(&self) -> RawFd {
            self.0.as_raw_fd()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kind {
    use std::{
        io::{self, Read, Write},
        os::{
            fd::{AsRawFd, RawFd},
            unix::net::UnixStream,
        },
    };

    /// The side that is watched, and the one that is written to.
    pub(in super::super) struct Bell(UnixStream, UnixStream);

    impl Bell {
        /// # Errors
        ///
        /// When the process is out of descriptors.
        pub(in super::super) fn new() -> io::Result<Self> {
            let (reader, writer) = UnixStream::pair()?;
            reader.set_nonblocking(true)?;
            writer.set_nonblocking(true)?;
            Ok(Self(reader, writer))
        }

        pub(in super::super) fn ring(&self) {
            // Full: it rings already.
            let _ = (&self.1).write(&[0]);
        }

        pub(in super::super) fn silence(&self) {
            let mut rung = [0; 64];
            while (&self.0)
                .read(&mut rung)
                .is_ok_and(|read| read == rung.len())
            {}
        }

        /// The descriptor to watch.
        pub(in super::super) fn descriptor(&self) -> RawFd {
            self.0.as_raw_fd()
        }
    }
}
