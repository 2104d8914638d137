//! The step *tls*: the handshake, driven by the main loop.

use std::io;

use glib::IOCondition;
use rustls::{ClientConnection, pki_types::ServerName};

use crate::{
    connection::{Connection, Outcome},
    drive::{Operation, Turn, drive},
    stream::{Socket, Stream},
};

pub fn run(
    connection: &Connection,
    socket: Socket,
    done: impl FnOnce(&Connection, Outcome<Stream>) + 'static,
) {
    let tls = match client(connection) {
        Ok(tls) => tls,
        Err(error) => {
            let task = connection.task().source(connection).callback(done);
            return task.complete_in_idle(Err(error));
        }
    };
    let held = socket.clone();
    let handshake = Handshake { tls, socket };
    drive(
        connection,
        &held,
        handshake,
        IOCondition::OUT,
        |connection, result| {
            done(connection, result);
        },
    );
}

fn client(connection: &Connection) -> io::Result<ClientConnection> {
    let name = ServerName::try_from(connection.target().host_name()).map_err(io::Error::other)?;
    let config = connection.common().tls.clone();
    let config = config.ok_or_else(|| io::Error::other("no certificates were loaded"))?;
    ClientConnection::new(config, name).map_err(io::Error::other)
}

struct Handshake {
    tls: ClientConnection,
    socket: Socket,
}

impl Operation for Handshake {
    type Output = (Stream, String);

    fn advance(mut self) -> io::Result<Turn<Self>> {
        match self.tls.complete_io(&mut self.socket) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if self.tls.wants_write() {
                    return Ok(Turn::Waits(self, IOCondition::OUT));
                }
                if self.tls.is_handshaking() {
                    return Ok(Turn::Waits(self, IOCondition::IN));
                }
            }
            Err(error) => return Err(error),
        }
        let detail = describe(&self.tls);
        Ok(Turn::Done((Stream::tls(self.tls, self.socket), detail)))
    }
}

/// The version and the cipher, as rustls names them.
fn describe(tls: &ClientConnection) -> String {
    let version = tls
        .protocol_version()
        .map_or_else(String::new, |version| format!("{version:?}"));
    let cipher = tls
        .negotiated_cipher_suite()
        .map_or_else(String::new, |suite| format!("{:?}", suite.suite()));
    format!("{version} {cipher}")
}
