//! [`Exchange`]: one HTTP request, and the head of its answer.

use std::io::{self, ErrorKind, Read, Write};

use crate::stream::Stream;

/// No server has a longer status line in earnest.
const LONGEST_LINE: usize = 4096;

/// Nor longer heads, interim ones included.
const LONGEST: usize = 64 << 10;

/// A request that is sent, and an answer that is read, as far as the stream lets them.
/// Interim answers, such as *103 Early Hints*, are read and skipped.
pub struct Exchange {
    stream: Stream,
    /// What has not been written yet.
    request: Vec<u8>,
    /// From the beginning of the last answer that has begun.
    answer: Vec<u8>,
    skipped: usize,
}

impl Exchange {
    pub fn new(stream: Stream, request: String) -> Self {
        Self {
            stream,
            request: request.into_bytes(),
            answer: Vec::new(),
            skipped: 0,
        }
    }

    pub fn stream(&self) -> &Stream {
        &self.stream
    }

    /// The stream, and what has been read of it that is not yet used.
    pub fn into_parts(self) -> (Stream, Vec<u8>) {
        (self.stream, self.answer)
    }

    /// The status line of the answer.
    ///
    /// # Errors
    ///
    /// Among others, [`ErrorKind::WouldBlock`] when it has to wait for the stream: call it
    /// again then. The same is true of [`head`](Self::head).
    pub fn status(&mut self) -> io::Result<Status> {
        self.send()?;
        loop {
            let Some(end) = self.answer.iter().position(|byte| *byte == b'\n') else {
                if self.answer.len() > LONGEST_LINE {
                    return Err(io::Error::other("the server's first line has no end"));
                }
                self.read_more()?;
                continue;
            };
            let status = Status::parse(&self.answer[..end])?;
            if !status.is_interim() {
                return Ok(status);
            }
            let length = self.head()?;
            self.skipped += self.take(length).len();
        }
    }

    /// The length of the head that has been begun, with the empty line at its end.
    pub fn head(&mut self) -> io::Result<usize> {
        loop {
            if let Some(length) = length(&self.answer) {
                return Ok(length);
            }
            if self.skipped + self.answer.len() > LONGEST {
                return Err(io::Error::other(
                    "the head of the server's answer has no end",
                ));
            }
            self.read_more()?;
        }
    }

    /// Takes so many bytes out of what has been read.
    pub fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.answer.split_off(length);
        std::mem::replace(&mut self.answer, rest)
    }

    fn send(&mut self) -> io::Result<()> {
        while !self.request.is_empty() {
            let written = self.stream.write(&self.request)?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            self.request.drain(..written);
        }
        self.stream.flush()
    }

    fn read_more(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer)? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            read => {
                self.answer.extend_from_slice(&buffer[..read]);
                Ok(())
            }
        }
    }
}

/// Where the first empty line ends.
fn length(head: &[u8]) -> Option<usize> {
    let mut length = 0;
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        length += line.len();
        if line == b"\n" || line == b"\r\n" {
            return Some(length);
        }
    }
    None
}

/// The first line of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub line: String,
    pub code: Option<u16>,
}

impl Status {
    fn parse(line: &[u8]) -> io::Result<Self> {
        let line = String::from_utf8_lossy(line).trim_end().to_owned();
        if !line.starts_with("HTTP/") {
            return Err(io::Error::other(format!(
                "the server does not speak HTTP: it says \"{line}\""
            )));
        }
        let code = line.split_ascii_whitespace().nth(1);
        let code = code.and_then(|code| code.parse().ok());
        Ok(Self { line, code })
    }

    /// Whether another answer follows. (101 is the last of HTTP: another protocol follows.)
    fn is_interim(&self) -> bool {
        matches!(self.code, Some(100 | 102..=199))
    }
}
