//! The step *http*: one `HEAD` request, for the status line of its answer.

use std::io;

use glib::IOCondition;

use crate::{
    connection::{Connection, Outcome},
    drive::{Operation, Turn, drive},
    exchange::Exchange,
    stream::Stream,
};

pub fn run(
    connection: &Connection,
    stream: Stream,
    done: impl FnOnce(&Connection, Outcome<Stream>) + 'static,
) {
    let target = connection.target();
    let request = format!(
        "HEAD {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: probe\r\nAccept: */*\r\nConnection: close\r\n\r\n",
        target.path(),
        target.authority(),
    );
    let socket = stream.socket().clone();
    let head = Head(Exchange::new(stream, request));
    drive(connection, &socket, head, IOCondition::OUT, done);
}

struct Head(Exchange);

impl Operation for Head {
    type Output = (Stream, String);

    fn advance(mut self) -> io::Result<Turn<Self>> {
        match self.0.status() {
            Ok(status) => Ok(Turn::Done((self.0.into_parts().0, status.line))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let condition = self.0.stream().blocked();
                Ok(Turn::Waits(self, condition))
            }
            Err(error) => Err(error),
        }
    }
}
