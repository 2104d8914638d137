//! The step *websocket*: the handshake, then one message that has to come back.

use std::io;

use glib::IOCondition;
use tungstenite::{
    ClientHandshake, Error as WsError, HandshakeError, Message, WebSocket, error::ProtocolError,
    handshake::MidHandshake, protocol::WebSocketConfig,
};

use crate::{
    connection::{Connection, Outcome},
    drive::{Operation, Turn, drive},
    stream::Stream,
};

const TEXT: &str = "qio-task probe";

/// Some echo servers greet first; more than this is not an echo.
const PATIENCE: u32 = 16;

pub fn run(
    connection: &Connection,
    stream: Stream,
    done: impl FnOnce(&Connection, Outcome<Stream>) + 'static,
) {
    let socket = stream.socket().clone();
    let begin = Conversation::Begin(stream, connection.target().url().to_owned());
    drive(connection, &socket, begin, IOCondition::OUT, done);
}

/// Where a conversation stands.
enum Conversation {
    Begin(Stream, String),
    Handshake(MidHandshake<ClientHandshake<Stream>>),
    /// The message is in the buffer and has to be sent.
    Send(Box<WebSocket<Stream>>),
    /// So many messages are waited for.
    Receive(Box<WebSocket<Stream>>, u32),
}

impl Operation for Conversation {
    type Output = (Stream, String);

    fn advance(mut self) -> io::Result<Turn<Self>> {
        loop {
            self = match self {
                Self::Begin(stream, url) => {
                    // An answer is not worth more memory than this.
                    let config = WebSocketConfig::default()
                        .read_buffer_size(4 << 10)
                        .write_buffer_size(4 << 10)
                        .max_message_size(Some(64 << 10))
                        .max_frame_size(Some(64 << 10));
                    match tungstenite::client::client_with_config(url, stream, Some(config)) {
                        Ok((socket, _)) => Self::compose(socket)?,
                        Err(HandshakeError::Interrupted(mid)) => return Ok(mid.waits()),
                        Err(HandshakeError::Failure(error)) => return Err(plain(error)),
                    }
                }
                Self::Handshake(mid) => match mid.handshake() {
                    Ok((socket, _)) => Self::compose(socket)?,
                    Err(HandshakeError::Interrupted(mid)) => return Ok(mid.waits()),
                    Err(HandshakeError::Failure(error)) => return Err(plain(error)),
                },
                Self::Send(mut socket) => match socket.flush() {
                    Ok(()) => Self::Receive(socket, PATIENCE),
                    Err(error) if would_block(&error) => {
                        let condition = socket.get_ref().blocked();
                        return Ok(Turn::Waits(Self::Send(socket), condition));
                    }
                    Err(error) => return Err(plain(error)),
                },
                Self::Receive(_, 0) => {
                    return Err(io::Error::other("the server does not echo"));
                }
                Self::Receive(mut socket, patience) => match socket.read() {
                    Ok(Message::Text(text)) if text.as_str() == TEXT => {
                        return Ok(Turn::Done(goodbye(*socket)));
                    }
                    Ok(_) => Self::Receive(socket, patience - 1),
                    Err(error) if would_block(&error) => {
                        let condition = socket.get_ref().blocked();
                        return Ok(Turn::Waits(Self::Receive(socket, patience), condition));
                    }
                    Err(error) => return Err(plain(error)),
                },
            };
        }
    }
}

impl Conversation {
    /// Puts the message into the socket's buffer.
    fn compose(mut socket: WebSocket<Stream>) -> io::Result<Self> {
        match socket.write(Message::text(TEXT)) {
            // Then it is in the buffer all the same.
            Err(error) if !would_block(&error) => Err(plain(error)),
            _ => Ok(Self::Send(Box::new(socket))),
        }
    }
}

/// A handshake that could not go on.
trait Interrupted {
    fn waits(self) -> Turn<Conversation>;
}

impl Interrupted for MidHandshake<ClientHandshake<Stream>> {
    fn waits(self) -> Turn<Conversation> {
        let condition = self.get_ref().get_ref().blocked();
        Turn::Waits(Conversation::Handshake(self), condition)
    }
}

fn goodbye(mut socket: WebSocket<Stream>) -> (Stream, String) {
    let _ = socket.close(None);
    let _ = socket.flush();
    (socket.into_inner(), format!("echo of {} bytes", TEXT.len()))
}

fn would_block(error: &WsError) -> bool {
    matches!(error, WsError::Io(error) if error.kind() == io::ErrorKind::WouldBlock)
}

fn plain(error: WsError) -> io::Error {
    match error {
        WsError::Io(error) => error,
        WsError::Http(answer) => io::Error::other(format!(
            "the server is no WebSocket: it answered HTTP {}",
            answer.status()
        )),
        WsError::ConnectionClosed
        | WsError::AlreadyClosed
        | WsError::Protocol(ProtocolError::HandshakeIncomplete) => {
            io::ErrorKind::UnexpectedEof.into()
        }
        WsError::AttackAttempt => {
            io::Error::other("the answer to the handshake is too long, or too scattered")
        }
        other => io::Error::other(other),
    }
}
