//! [`Socket`]: the descriptor that the main loop watches.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
};

/// A non-blocking socket, open until the last of its owners lets go of it.
#[derive(Debug, Clone)]
pub struct Socket(Rc<TcpStream>);

impl Socket {
    pub fn new(stream: TcpStream) -> Self {
        Self(Rc::new(stream))
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buffer)
    }
}

impl Write for Socket {
    /// What a peer that has hung up can't take counts as written: the peer may have said
    /// why it hung up, and whoever reads next finds that, or the end of the stream. An
    /// error here would hide it behind "Broken pipe".
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match (&*self.0).write(buffer) {
            Err(error) if is_hang_up(error.kind()) => Ok(buffer.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn is_hang_up(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset)
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
