//! What wakes a context from any thread: a descriptor that is readable while
//! the bell rings.
//!
//! Neither side ever blocks. Ringing twice is as good as once, and silencing
//! what does not ring does nothing.

use std::{io, os::fd::RawFd};

#[cfg(target_os = "linux")]
mod kind {
    use std::{io, os::fd::OwnedFd};

    use rustix::event::{EventfdFlags, eventfd};

    /// One descriptor for both sides, read and written in one call each.
    pub(super) struct Bell(pub(super) OwnedFd);

    impl Bell {
        pub(super) fn new() -> io::Result<Self> {
            let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
            Ok(Self(eventfd(0, flags)?))
        }

        pub(super) fn ring(&self) {
            // Fails only when it rings already, four billion times over.
            let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
        }

        pub(super) fn silence(&self) {
            let _ = rustix::io::read(&self.0, &mut [0; 8]);
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod kind {
    use std::{
        io::{self, Read, Write},
        os::unix::net::UnixStream,
    };

    pub(super) struct Bell(pub(super) UnixStream, UnixStream);

    impl Bell {
        pub(super) fn new() -> io::Result<Self> {
            let (reader, writer) = UnixStream::pair()?;
            reader.set_nonblocking(true)?;
            writer.set_nonblocking(true)?;
            Ok(Self(reader, writer))
        }

        pub(super) fn ring(&self) {
            // Full: it rings already.
            let _ = (&self.1).write(&[0]);
        }

        pub(super) fn silence(&self) {
            let mut rung = [0; 64];
            while (&self.0)
                .read(&mut rung)
                .is_ok_and(|read| read == rung.len())
            {}
        }
    }
}

/// See the module's documentation.
pub(super) struct Bell(kind::Bell);

impl Bell {
    /// # Errors
    ///
    /// When the process is out of descriptors.
    pub(super) fn new() -> io::Result<Self> {
        kind::Bell::new().map(Self)
    }

    pub(super) fn ring(&self) {
        self.0.ring();
    }

    pub(super) fn silence(&self) {
        self.0.silence();
    }

    /// The descriptor to watch.
    pub(super) fn descriptor(&self) -> RawFd {
        use std::os::fd::AsRawFd;
        self.0.0.as_raw_fd()
    }
}
