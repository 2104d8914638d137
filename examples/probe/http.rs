//! The step *http*: one `HEAD` request, for the status line of its answer.

use std::io::{self, Read, Write};

use glib::IOCondition;

use crate::{
    connection::{Connection, Outcome},
    drive::{Operation, Turn, drive},
    stream::Stream,
};

/// No server has a longer status line in earnest.
const LONGEST: usize = 4096;

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
    let head = Head {
        stream,
        request: request.into_bytes(),
        answer: Vec::new(),
    };
    drive(connection, &socket, head, IOCondition::OUT, done);
}

struct Head {
    stream: Stream,
    /// What has not been written yet.
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Head {
    fn exchange(&mut self) -> io::Result<String> {
        while !self.request.is_empty() {
            let written = self.stream.write(&self.request)?;
            if written == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.request.drain(..written);
        }
        self.stream.flush()?;
        loop {
            if let Some(end) = self.answer.iter().position(|byte| *byte == b'\n') {
                return status(&self.answer[..end]);
            }
            if self.answer.len() > LONGEST {
                return Err(io::Error::other("the server's first line has no end"));
            }
            let mut buffer = [0; 1024];
            match self.stream.read(&mut buffer)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.answer.extend_from_slice(&buffer[..read]),
            }
        }
    }
}

fn status(line: &[u8]) -> io::Result<String> {
    let line = String::from_utf8_lossy(line).trim_end().to_owned();
    if line.starts_with("HTTP/") {
        Ok(line)
    } else {
        Err(io::Error::other("the server does not speak HTTP"))
    }
}

impl Operation for Head {
    type Output = (Stream, String);

    fn advance(mut self) -> io::Result<Turn<Self>> {
        match self.exchange() {
            Ok(status) => Ok(Turn::Done((self.stream, status))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let condition = self.stream.blocked();
                Ok(Turn::Waits(self, condition))
            }
            Err(error) => Err(error),
        }
    }
}
