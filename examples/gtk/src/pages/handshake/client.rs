//! The client's side of a handshake: it goes as far as it can without blocking.

use std::{
    io::{
        self,
        ErrorKind::{BrokenPipe, ConnectionReset},
        Write,
    },
    net::{SocketAddr, TcpStream},
    rc::Rc,
    sync::Arc,
};

use gtk::glib::IOCondition;
use rustix::io::Errno;
use rustls::{ClientConfig, ClientConnection, ProtocolVersion, pki_types::ServerName};
use socket2::{Domain, Type};

use super::server;

/// What there is to see of a handshake, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Prepare,
    Connect,
    Hello,
    Answer,
    Verify,
    Finish,
}

impl Step {
    pub const ALL: [Self; 6] = [
        Self::Prepare,
        Self::Connect,
        Self::Hello,
        Self::Answer,
        Self::Verify,
        Self::Finish,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Prepare => "Start a server",
            Self::Connect => "Connect",
            Self::Hello => "Send the ClientHello",
            Self::Answer => "Receive the ServerHello",
            Self::Verify => "Verify the certificate",
            Self::Finish => "Finish",
        }
    }
}

/// What a handshake needs to go on.
pub enum Turn {
    Done,
    Waits(IOCondition),
}

/// A handshake that is under way.
pub struct Handshake {
    socket: Rc<TcpStream>,
    tls: ClientConnection,
    /// The last step that has been taken.
    taken: Step,
    sent: usize,
    received: usize,
    reads: usize,
}

impl Handshake {
    /// Begins to connect, without waiting for it: the socket can be written to
    /// when it is connected, or can't be.
    pub fn begin(address: SocketAddr, config: Arc<ClientConfig>) -> io::Result<Self> {
        let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        match socket.connect(&address.into()) {
            Err(error) if Errno::from_io_error(&error) != Some(Errno::INPROGRESS) => {
                return Err(error);
            }
            _ => {}
        }
        let name = ServerName::try_from(server::NAME).map_err(io::Error::other)?;
        Ok(Self {
            socket: Rc::new(socket.into()),
            tls: ClientConnection::new(config, name).map_err(io::Error::other)?,
            taken: Step::Prepare,
            sent: 0,
            received: 0,
            reads: 0,
        })
    }

    pub fn socket(&self) -> Rc<TcpStream> {
        self.socket.clone()
    }

    /// Goes on until it is done or has to wait, and tells `took` of each step:
    /// what was taken, and what there is to say about it.
    ///
    /// rustls is asked each time whether it is done. Its `complete_io` does not say so: on
    /// a socket that does not block it returns as soon as some bytes have come.
    pub fn advance(&mut self, mut took: impl FnMut(Step, &str)) -> io::Result<Turn> {
        if self.taken < Step::Connect {
            self.socket.take_error()?.map_or(Ok(()), Err)?;
            let peer = self.socket.peer_addr()?;
            self.take(Step::Connect, &peer.to_string(), &mut took);
        }
        loop {
            let result = if self.tls.wants_write() {
                self.write(&mut took)
            } else if self.tls.is_handshaking() {
                self.read(&mut took)
            } else {
                let received = self.received;
                let detail = match self.reads {
                    1 => format!("{received} bytes received at once"),
                    reads => format!("{received} bytes received in {reads} pieces"),
                };
                self.take(Step::Finish, &detail, &mut took);
                return Ok(Turn::Done);
            };
            match result {
                Ok(()) => {}
                Err((error, condition)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(Turn::Waits(condition));
                }
                Err((error, _)) => return Err(error),
            }
        }
    }

    fn take(&mut self, step: Step, detail: &str, took: &mut impl FnMut(Step, &str)) {
        if self.taken < step {
            self.taken = step;
            took(step, detail);
        }
    }

    fn write(&mut self, took: &mut impl FnMut(Step, &str)) -> Result<(), (io::Error, IOCondition)> {
        let sent = self.tls.write_tls(&mut Outgoing(&self.socket));
        self.sent += sent.map_err(|error| (error, IOCondition::OUT))?;
        if !self.tls.wants_write() {
            let detail = format!("{} bytes", self.sent);
            self.take(Step::Hello, &detail, took);
        }
        Ok(())
    }

    fn read(&mut self, took: &mut impl FnMut(Step, &str)) -> Result<(), (io::Error, IOCondition)> {
        let failed = |error| (error, IOCondition::IN);
        let read = self.tls.read_tls(&mut &*self.socket).map_err(failed)?;
        if read == 0 {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        self.received += read;
        self.reads += 1;
        let processed = self.tls.process_new_packets();
        if let (Some(version), Some(cipher)) = (
            self.tls.protocol_version(),
            self.tls.negotiated_cipher_suite(),
        ) {
            let detail = format!("{}, {:?}", name(version), cipher.suite());
            self.take(Step::Answer, &detail, took);
        }
        if self.tls.peer_certificates().is_some() {
            self.take(
                Step::Verify,
                &format!("It is good for {}", server::NAME),
                took,
            );
        }
        if let Err(error) = processed {
            // The server is told why, if it listens still.
            let _ = self.tls.write_tls(&mut Outgoing(&self.socket));
            return Err(failed(io::Error::new(io::ErrorKind::InvalidData, error)));
        }
        Ok(())
    }
}

/// What is sent to a server. To one that has hung up it counts as sent: why it did is still
/// to be read, and says more than "Broken pipe".
pub struct Outgoing<'a>(pub &'a TcpStream);

impl Write for Outgoing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if matches!(error.kind(), BrokenPipe | ConnectionReset) => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
        other => format!("{other:?}"),
    }
}
