//! [`TlsStream`]: TLS on a socket that never blocks.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::Arc,
};

use rustls::{ClientConnection, ProtocolVersion};

use crate::{identity::Asked, socket::Socket, words};

/// As much of what a server says first as is kept, to tell what it speaks.
pub const BEGINNING: usize = 256;

/// The client's end of a TLS connection.
///
/// rustls reads and writes only when told to, and is asked for its state after each step:
/// on a socket that does not block, `complete_io` returns `Ok` once some bytes have come,
/// in the middle of a handshake as well.
pub struct TlsStream {
    tls: ClientConnection,
    socket: Socket,
    asked: Arc<Asked>,
    /// What the server said first, encrypted or not.
    beginning: Vec<u8>,
}

impl TlsStream {
    pub fn new(tls: ClientConnection, socket: Socket, asked: Arc<Asked>) -> Self {
        Self {
            tls,
            socket,
            asked,
            beginning: Vec::new(),
        }
    }

    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    pub fn beginning(&self) -> &[u8] {
        &self.beginning
    }

    pub fn wants_write(&self) -> bool {
        self.tls.wants_write()
    }

    /// Goes on with the handshake, until it is done on this side and all of it is sent.
    ///
    /// # Errors
    ///
    /// Among others, [`ErrorKind::WouldBlock`] when it has to wait for the socket.
    pub fn shake_hands(&mut self) -> io::Result<()> {
        loop {
            self.send()?;
            if !self.tls.is_handshaking() {
                return Ok(());
            }
            self.receive_more()?;
        }
    }

    /// Whether the server's last word on the handshake may come after the client's: in TLS
    /// 1.3 it looks at the client's certificate, or the lack of one, at the very end.
    pub fn may_be_refused(&self) -> bool {
        self.tls.protocol_version() == Some(ProtocolVersion::TLSv1_3) && !self.is_accepted()
    }

    /// Whether the server has asked who the client is.
    pub fn asked_for_certificate(&self) -> bool {
        self.asked.was_asked()
    }

    /// Whether the server has gone on to what comes after the handshake.
    fn is_accepted(&self) -> bool {
        self.tls.tls13_tickets_received() > 0 || !self.tls.wants_read()
    }

    /// Reads until the server has accepted the handshake, or refused it.
    ///
    /// # Errors
    ///
    /// As [`shake_hands`](Self::shake_hands).
    pub fn await_acceptance(&mut self) -> io::Result<()> {
        while !self.is_accepted() {
            self.receive_more()?;
        }
        Ok(())
    }

    /// Reads what the server goes on to say, with no regard to TLS.
    pub fn read_beginning(&mut self) -> io::Result<usize> {
        let mut tapped = Tapped {
            socket: &mut self.socket,
            beginning: &mut self.beginning,
        };
        tapped.read(&mut [0; BEGINNING])
    }

    /// The version and the cipher, as rustls names them.
    pub fn describe(&self) -> String {
        let version = self
            .tls
            .protocol_version()
            .map_or_else(String::new, |version| format!("{version:?}"));
        let cipher = self
            .tls
            .negotiated_cipher_suite()
            .map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
        format!("{version} {cipher}")
    }

    pub fn say_goodbye(&mut self) {
        self.tls.send_close_notify();
        let _ = self.send();
    }

    /// Sends all that waits to be sent.
    fn send(&mut self) -> io::Result<()> {
        while self.tls.wants_write() {
            if self.tls.write_tls(&mut self.socket)? == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
        }
        Ok(())
    }

    /// Takes in what has come, if only a part of what is needed, or the stream's end.
    fn receive(&mut self) -> io::Result<usize> {
        let mut tapped = Tapped {
            socket: &mut self.socket,
            beginning: &mut self.beginning,
        };
        let received = self.tls.read_tls(&mut tapped)?;
        if let Err(error) = self.tls.process_new_packets() {
            // The server is told why, if it listens still.
            let _ = self.send();
            let reason = words::of_tls(&error, &self.asked);
            return Err(io::Error::new(ErrorKind::InvalidData, reason));
        }
        Ok(received)
    }

    /// As [`receive`](Self::receive), where the stream must not have ended.
    fn receive_more(&mut self) -> io::Result<()> {
        match self.receive()? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

impl Read for TlsStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.tls.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                result => return result,
            }
            // An answer to the server itself, which the reader need not wait for.
            match self.send() {
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
            self.receive()?;
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.send()?;
        let written = self.tls.writer().write(buffer)?;
        match self.send() {
            // The rest is sent later: it has been taken.
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(written),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

/// A socket whose first words are kept.
struct Tapped<'a> {
    socket: &'a mut Socket,
    beginning: &'a mut Vec<u8>,
}

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.socket.read(buffer)?;
        let room = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.extend_from_slice(&buffer[..read.min(room)]);
        Ok(read)
    }
}
