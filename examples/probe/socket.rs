//! [`Socket`]: what the main loop watches.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::SocketAddr,
};

use gio::{
    Cancellable, IOErrorEnum, InetAddress, InetSocketAddress, SocketFamily, SocketProtocol,
    SocketType, prelude::*,
};

/// A socket that does not block, open until the last of its owners lets go of it.
///
/// It is GIO's, which alone can be watched on Windows as well; so it is read and written by
/// that, too.
#[derive(Debug, Clone)]
pub struct Socket(gio::Socket);

/// `IPPROTO_TCP` and `TCP_NODELAY`, which are the same everywhere.
const TCP: i32 = 6;
const NO_DELAY: i32 = 1;

impl Socket {
    /// One that begins to connect, without waiting for it.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let family = if address.is_ipv4() {
            SocketFamily::Ipv4
        } else {
            SocketFamily::Ipv6
        };
        let socket = gio::Socket::new(family, SocketType::Stream, SocketProtocol::Tcp);
        let socket = socket.map_err(plain)?;
        socket.set_blocking(false);
        // Each step is one small message and waits for the answer.
        socket.set_option(TCP, NO_DELAY, 1).map_err(plain)?;
        match SocketExt::connect(&socket, &of_gio(address), Cancellable::NONE) {
            Err(error) if !error.matches(IOErrorEnum::Pending) => Err(plain(error)),
            _ => Ok(Self(socket)),
        }
    }

    /// Whether it has connected, once it can be written to.
    pub fn is_connected(&self) -> io::Result<()> {
        self.0.check_connect_result().map_err(plain)
    }

    /// For the main loop.
    pub fn watched(&self) -> &gio::Socket {
        &self.0
    }
}

/// With the zone that an address of IPv6 may have.
fn of_gio(address: SocketAddr) -> InetSocketAddress {
    let inet = InetAddress::from(address.ip());
    let builder = glib::Object::builder()
        .property("address", inet)
        .property("port", u32::from(address.port()));
    match address {
        SocketAddr::V4(_) => builder.build(),
        SocketAddr::V6(address) => builder.property("scope-id", address.scope_id()).build(),
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.receive(buffer, Cancellable::NONE).map_err(plain)
    }
}

impl Write for Socket {
    /// What a peer that has hung up can't take counts as written: the peer may have said
    /// why it hung up, and whoever reads next finds that, or the end of the stream. An
    /// error here would hide it behind "Broken pipe".
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self.0.send(buffer, Cancellable::NONE).map_err(plain) {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(buffer.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error of GIO's as the standard library has it, as far as its kind matters here.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn plain(error: glib::Error) -> io::Error {
    let kind = match error.kind::<IOErrorEnum>() {
        Some(IOErrorEnum::WouldBlock) => return ErrorKind::WouldBlock.into(),
        // Both of "reset by peer" and "broken pipe".
        Some(IOErrorEnum::BrokenPipe) => ErrorKind::ConnectionReset,
        Some(IOErrorEnum::ConnectionRefused) => ErrorKind::ConnectionRefused,
        Some(IOErrorEnum::TimedOut) => ErrorKind::TimedOut,
        _ => ErrorKind::Other,
    };
    io::Error::new(kind, error.message().to_owned())
}
