//! [`Stream`]: what carries a conversation, encrypted or not.

use std::{
    cell::Cell,
    io::{self, Read, Write},
    net::TcpStream,
    os::fd::{AsRawFd, RawFd},
    rc::Rc,
};

use glib::IOCondition;
use rustls::{ClientConnection, StreamOwned};

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
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        (&*self.0).write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// A stream that remembers what it could not go on without.
pub struct Stream {
    transport: Transport,
    socket: Socket,
    blocked: Cell<IOCondition>,
}

enum Transport {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

impl Stream {
    pub fn plain(socket: Socket) -> Self {
        Self::new(socket.clone(), Transport::Plain(socket))
    }

    pub fn tls(tls: ClientConnection, socket: Socket) -> Self {
        let stream = StreamOwned::new(tls, socket.clone());
        Self::new(socket, Transport::Tls(Box::new(stream)))
    }

    fn new(socket: Socket, transport: Transport) -> Self {
        Self {
            transport,
            socket,
            blocked: Cell::new(IOCondition::OUT),
        }
    }

    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// What to wait for after [`io::ErrorKind::WouldBlock`].
    pub fn blocked(&self) -> IOCondition {
        self.blocked.get()
    }

    /// Says goodbye where the protocol has a word for it; nobody waits for an answer.
    pub fn say_goodbye(&mut self) {
        if let Transport::Tls(stream) = &mut self.transport {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    }

    fn note<T>(&self, direction: IOCondition, result: io::Result<T>) -> io::Result<T> {
        // TLS may have to write before it can read.
        self.blocked.set(match &self.transport {
            Transport::Tls(stream) if stream.conn.wants_write() => IOCondition::OUT,
            _ => direction,
        });
        result
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = match &mut self.transport {
            Transport::Plain(socket) => socket.read(buffer),
            Transport::Tls(stream) => stream.read(buffer),
        };
        self.note(IOCondition::IN, result)
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let result = match &mut self.transport {
            Transport::Plain(socket) => socket.write(buffer),
            Transport::Tls(stream) => stream.write(buffer),
        };
        self.note(IOCondition::OUT, result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = match &mut self.transport {
            Transport::Plain(socket) => socket.flush(),
            Transport::Tls(stream) => stream.flush(),
        };
        self.note(IOCondition::OUT, result)
    }
}
