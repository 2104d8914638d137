//! The step *websocket*: the handshake, then a ping and a message that should come back.

use std::{
    io::{self, ErrorKind},
    time::{Duration, Instant},
};

use glib::IOCondition;
use tungstenite::{
    Error as WsError, Message, WebSocket,
    protocol::{CloseFrame, Role, WebSocketConfig},
};

use crate::{
    connection::{Connection, Outcome},
    drive::{Operation, Turn, drive},
    exchange::Exchange,
    stream::Stream,
    upgrade::Upgrade,
};

const TEXT: &str = "qio-task probe";

/// Some servers greet first, or never stop talking; more than this is not an answer.
const PATIENCE: u32 = 1024;

/// How long after its pong a server may take for the echo.
const UNTIL_ECHO: Duration = Duration::from_secs(2);

pub fn run(
    connection: &Connection,
    stream: Stream,
    done: impl FnOnce(&Connection, Outcome<Stream>) + 'static,
) {
    let socket = stream.socket().clone();
    let common = connection.common();
    let upgrade = Upgrade::new(&common.protocols);
    let exchange = Exchange::new(stream, upgrade.request(connection.target()));
    let opening = Conversation::Opening {
        exchange,
        upgrade,
        is_last: common.handshake_only,
    };
    drive(connection, &socket, opening, IOCondition::OUT, done);
}

/// Where a conversation stands.
enum Conversation {
    Opening {
        exchange: Exchange,
        upgrade: Upgrade,
        /// Whether nothing follows.
        is_last: bool,
    },
    Open(Box<Open>),
}

/// A WebSocket, with a ping and a message in its buffer or sent.
struct Open {
    socket: WebSocket<Stream>,
    /// The sub-protocol and what separates it from the rest, or nothing.
    protocol: String,
    received: u32,
    /// Since the pong: until when the echo is waited for.
    until: Option<Instant>,
}

impl Operation for Conversation {
    type Output = (Stream, String);

    fn advance(mut self) -> io::Result<Turn<Self>> {
        loop {
            self = match self {
                Self::Opening {
                    mut exchange,
                    upgrade,
                    is_last,
                } => match open(&mut exchange, &upgrade) {
                    Ok((status, protocol)) if is_last => {
                        let stream = exchange.into_parts().0;
                        return Ok(Turn::Done((stream, protocol + &status)));
                    }
                    Ok((_, protocol)) => {
                        Self::Open(Box::new(Open::begin(exchange.into_parts(), protocol)?))
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        let condition = exchange.stream().blocked();
                        let opening = Self::Opening {
                            exchange,
                            upgrade,
                            is_last,
                        };
                        return Ok(Turn::Waits(opening, condition));
                    }
                    Err(error) => return Err(error),
                },
                Self::Open(mut open) => match open.answer() {
                    Ok(answer) => return Ok(Turn::Done(open.end(&answer))),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        let condition = open.socket.get_ref().blocked();
                        return Ok(match open.until {
                            None => Turn::Waits(Self::Open(open), condition),
                            Some(until) => Turn::Lingers(Self::Open(open), condition, until),
                        });
                    }
                    // A pong is an answer, whatever comes after it.
                    Err(_) if open.until.is_some() => return Ok(Turn::Done(open.end(PONG))),
                    Err(error) => return Err(error),
                },
            };
        }
    }

    fn settle(self) -> io::Result<Self::Output> {
        match self {
            Self::Open(open) => Ok(open.end(PONG)),
            Self::Opening { .. } => Err(ErrorKind::TimedOut.into()),
        }
    }
}

const PONG: &str = "a pong, and no echo";

/// Goes on with the handshake; its status line and sub-protocol, when it is done.
fn open(exchange: &mut Exchange, upgrade: &Upgrade) -> io::Result<(String, String)> {
    let status = exchange.status()?;
    if status.code != Some(101) {
        let reason = format!("the server opens no WebSocket: it answers {}", status.line);
        return Err(io::Error::other(reason));
    }
    let length = exchange.head()?;
    let protocol = upgrade.check(&exchange.take(length))?;
    let protocol = protocol.map_or_else(String::new, |name| format!("{name}: "));
    Ok((status.line, protocol))
}

impl Open {
    /// Begins to say what has to be answered.
    fn begin((stream, tail): (Stream, Vec<u8>), protocol: String) -> io::Result<Self> {
        // An answer is not worth more memory than this.
        let config = WebSocketConfig::default()
            .read_buffer_size(4 << 10)
            .write_buffer_size(4 << 10)
            .max_message_size(Some(64 << 10))
            .max_frame_size(Some(64 << 10));
        let mut socket = WebSocket::from_partially_read(stream, tail, Role::Client, Some(config));
        // The ping first: some servers close when they get a message that they can't use.
        for message in [Message::Ping(TEXT.into()), Message::text(TEXT)] {
            match socket.write(message).map_err(plain) {
                // Then it is in the buffer all the same.
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(error),
                _ => {}
            }
        }
        Ok(Self {
            socket,
            protocol,
            received: 0,
            until: None,
        })
    }

    /// What the server has answered.
    fn answer(&mut self) -> io::Result<String> {
        self.socket.flush().map_err(plain)?;
        while self.received < PATIENCE {
            match self.socket.read().map_err(plain)? {
                Message::Text(text) if text.as_str() == TEXT => {
                    return Ok(format!("echo of {} bytes", TEXT.len()));
                }
                Message::Pong(bytes) if bytes == TEXT.as_bytes() => {
                    self.until = Some(Instant::now() + UNTIL_ECHO);
                }
                Message::Close(frame) => return Err(closed(frame)),
                _ => {}
            }
            self.received += 1;
        }
        Err(io::Error::other("the server talks, and does not answer"))
    }

    fn end(mut self, answer: &str) -> (Stream, String) {
        let _ = self.socket.close(None);
        let _ = self.socket.flush();
        (
            self.socket.into_inner(),
            format!("{}{answer}", self.protocol),
        )
    }
}

fn closed(frame: Option<CloseFrame>) -> io::Error {
    let why = frame.map_or_else(String::new, |frame| {
        let code = u16::from(frame.code);
        format!(" ({code} {})", frame.reason).replace(" )", ")")
    });
    io::Error::other(format!("the server closed the WebSocket{why}"))
}

fn plain(error: WsError) -> io::Error {
    match error {
        WsError::Io(error) => error,
        WsError::ConnectionClosed | WsError::AlreadyClosed => ErrorKind::UnexpectedEof.into(),
        other => io::Error::other(other),
    }
}
