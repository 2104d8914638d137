//! The step *tls*: the handshake, driven by the main loop.

use std::{
    io::{self, ErrorKind},
    sync::Arc,
    time::{Duration, Instant},
};

use glib::IOCondition;
use rustls::{ClientConnection, pki_types::ServerName};

use crate::{
    connection::{Connection, Outcome},
    drive::{Operation, Turn, drive},
    foreign,
    identity::Asked,
    socket::Socket,
    stream::Stream,
    target::Last,
    tls_stream::{BEGINNING, TlsStream},
};

/// How long a server may take to refuse a client after the handshake is done, when it has
/// asked for a certificate. Most servers say much sooner that they go on.
const UNTIL_REFUSED: Duration = Duration::from_secs(2);

/// The same, when it has not asked, and nothing else would be heard of a refusal.
const UNTIL_UNHEARD: Duration = Duration::from_millis(250);

/// How long to wait for more of the first line of a server that speaks no TLS.
const UNTIL_TOLD: Duration = Duration::from_millis(500);

pub fn run(
    connection: &Connection,
    socket: Socket,
    done: impl FnOnce(&Connection, Outcome<Stream>) + 'static,
) {
    let stream = match client(connection, socket) {
        Ok(stream) => stream,
        Err(error) => {
            let task = connection.task().source(connection).callback(done);
            return task.complete_in_idle(Err(error));
        }
    };
    let socket = stream.socket().clone();
    let is_last = connection.target().last == Last::Nothing;
    let handshake = Handshake::Shaking { stream, is_last };
    drive(connection, &socket, handshake, IOCondition::OUT, done);
}

fn client(connection: &Connection, socket: Socket) -> io::Result<TlsStream> {
    let name = ServerName::try_from(connection.target().host_name())
        .map_err(|_| io::Error::other("a certificate can't be for a host of this name"))?;
    let config = connection.common().tls.as_deref();
    let mut config = config
        .ok_or_else(|| io::Error::other("no certificates were loaded"))?
        .clone();
    let asked = Arc::new(Asked::new(config.client_auth_cert_resolver));
    config.client_auth_cert_resolver = asked.clone();
    let tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    Ok(TlsStream::new(tls, socket, asked))
}

/// Where a handshake stands.
enum Handshake {
    /// It goes on; `is_last` when no other step follows.
    Shaking { stream: TlsStream, is_last: bool },
    /// It is done, and the server may yet refuse the client until then.
    Done { stream: TlsStream, until: Instant },
    /// The server speaks something else, and may say until then what.
    Foreign { stream: TlsStream, until: Instant },
}

impl Operation for Handshake {
    type Output = (Stream, String);

    fn advance(mut self) -> io::Result<Turn<Self>> {
        loop {
            self = match self {
                Self::Shaking {
                    mut stream,
                    is_last,
                } => match stream.shake_hands() {
                    Ok(()) => match patience(&stream, is_last) {
                        None => return Ok(Turn::Done(reached(stream))),
                        Some(patience) => Self::Done {
                            stream,
                            until: Instant::now() + patience,
                        },
                    },
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        let condition = if stream.wants_write() {
                            IOCondition::OUT
                        } else {
                            IOCondition::IN
                        };
                        return Ok(Turn::Waits(Self::Shaking { stream, is_last }, condition));
                    }
                    Err(_) if !foreign::is_tls(stream.beginning()) => Self::foreign(stream),
                    Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                        return Err(hung_up(&stream));
                    }
                    Err(error) => return Err(error),
                },
                Self::Done { mut stream, until } => match stream.await_acceptance() {
                    Ok(()) => return Ok(Turn::Done(reached(stream))),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        let done = Self::Done { stream, until };
                        return Ok(Turn::Lingers(done, IOCondition::IN, until));
                    }
                    Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                        if stream.asked_for_certificate() {
                            return Err(hung_up(&stream));
                        }
                        return Ok(Turn::Done(reached(stream)));
                    }
                    Err(error) => return Err(error),
                },
                Self::Foreign { mut stream, until } => {
                    let is_whole = foreign::is_whole(stream.beginning(), BEGINNING);
                    match stream.read_beginning() {
                        Ok(read) if read > 0 && !is_whole => Self::foreign(stream),
                        Err(error) if error.kind() == ErrorKind::WouldBlock && !is_whole => {
                            let foreign = Self::Foreign { stream, until };
                            return Ok(Turn::Lingers(foreign, IOCondition::IN, until));
                        }
                        _ => return Err(stranger(&stream)),
                    }
                }
            }
        }
    }

    fn settle(self) -> io::Result<Self::Output> {
        match self {
            Self::Done { stream, .. } => Ok(reached(stream)),
            Self::Foreign { stream, .. } => Err(stranger(&stream)),
            Self::Shaking { .. } => Err(ErrorKind::TimedOut.into()),
        }
    }
}

impl Handshake {
    fn foreign(stream: TlsStream) -> Self {
        let until = Instant::now() + UNTIL_TOLD;
        Self::Foreign { stream, until }
    }
}

/// How long to wait after a handshake for what the server makes of it.
fn patience(stream: &TlsStream, is_last: bool) -> Option<Duration> {
    if !stream.may_be_refused() {
        None
    } else if stream.asked_for_certificate() {
        Some(UNTIL_REFUSED)
    } else {
        // Where another step follows, that hears of a refusal.
        is_last.then_some(UNTIL_UNHEARD)
    }
}

fn reached(stream: TlsStream) -> (Stream, String) {
    let detail = stream.describe();
    (Stream::tls(stream), detail)
}

fn stranger(stream: &TlsStream) -> io::Error {
    io::Error::other(foreign::describe(stream.beginning()))
}

fn hung_up(stream: &TlsStream) -> io::Error {
    io::Error::other(if stream.beginning().is_empty() {
        "the server closed the connection without a word: perhaps it does not speak TLS"
    } else if stream.asked_for_certificate() {
        "the server closed the connection after it had asked for a client certificate"
    } else {
        "the server closed the connection during the handshake"
    })
}
