//! The steps on the way to a URL, one after the other.

use std::{io, net::SocketAddr};

use qio_task::{Error, QioTask};

use crate::{
    connect,
    connection::{Connection, Outcome},
    http, lookup,
    record::Step,
    socket::Socket,
    stream::Stream,
    target::Last,
    tls, websocket,
};

/// A probe of one URL: a task that the last of its steps completes. Should it
/// get lost on the way, it ends with [`Error::Abandoned`], and the program too.
pub type Probe = QioTask<(), Error<io::Error>>;

pub fn start(connection: &Connection, probe: Probe) {
    connection.begin(Step::Lookup);
    lookup::run(connection, then(probe, connect));
}

fn connect(connection: &Connection, addresses: Vec<SocketAddr>, probe: Probe) {
    connection.begin(Step::Connect);
    connect::run(connection, addresses, then(probe, secure));
}

fn secure(connection: &Connection, socket: Socket, probe: Probe) {
    if connection.target().has_tls {
        connection.begin(Step::Tls);
        tls::run(connection, socket, then(probe, converse));
    } else {
        converse(connection, Stream::plain(socket), probe);
    }
}

fn converse(connection: &Connection, stream: Stream, probe: Probe) {
    match connection.target().last {
        Last::Nothing => part(connection, stream, probe),
        Last::Http => {
            connection.begin(Step::Http);
            http::run(connection, stream, then(probe, part));
        }
        Last::WebSocket => {
            connection.begin(Step::WebSocket);
            websocket::run(connection, stream, then(probe, part));
        }
    }
}

fn part(_: &Connection, mut stream: Stream, probe: Probe) {
    stream.say_goodbye();
    probe.complete(Ok(()));
}

/// The callback of a step: goes on with the next one, or ends the probe.
fn then<T>(
    probe: Probe,
    next: impl FnOnce(&Connection, T, Probe) + 'static,
) -> impl FnOnce(&Connection, Outcome<T>) + 'static {
    move |connection, outcome| match outcome {
        Ok((value, detail)) => {
            connection.reached(&detail);
            next(connection, value, probe);
        }
        Err(error) => probe.complete(Err(error)),
    }
}
