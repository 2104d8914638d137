//! [`Stream`]: what carries a conversation, encrypted or not.

use std::{
    cell::Cell,
    io::{self, Read, Write},
};

use glib::IOCondition;

use crate::{socket::Socket, tls_stream::TlsStream};

/// A stream that remembers what it could not go on without.
pub struct Stream {
    transport: Transport,
    socket: Socket,
    blocked: Cell<IOCondition>,
}

enum Transport {
    Plain(Socket),
    Tls(Box<TlsStream>),
}

impl Stream {
    pub fn plain(socket: Socket) -> Self {
        Self::new(socket.clone(), Transport::Plain(socket))
    }

    pub fn tls(stream: TlsStream) -> Self {
        Self::new(stream.socket().clone(), Transport::Tls(Box::new(stream)))
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
            stream.say_goodbye();
        }
    }

    fn note<T>(&self, direction: IOCondition, result: io::Result<T>) -> io::Result<T> {
        // TLS may have to write before it can read. That is waited for only where the
        // socket takes no more at the moment, else it would be ready all the time.
        self.blocked.set(match &self.transport {
            Transport::Tls(stream) if stream.wants_write() => direction | IOCondition::OUT,
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
