//! The opening handshake of WebSocket, RFC 6455, section 4.1: the request, and what an
//! answer to it must say.
//!
//! tungstenite has one as well. It takes `Connection: Upgrade` alone, where the RFC has a
//! list of words in any number of headers, and no interim answers.

use std::io;

use httparse::{EMPTY_HEADER, Header, Response};
use tungstenite::handshake::{client::generate_key, derive_accept_key};

use crate::target::Target;

/// More headers than any server sends in earnest.
const MOST_HEADERS: usize = 128;

/// A handshake that has begun.
pub struct Upgrade {
    key: String,
    /// The sub-protocols that the server may choose from.
    offered: Vec<String>,
}

impl Upgrade {
    pub fn new(offered: &[String]) -> Self {
        Self {
            key: generate_key(),
            offered: offered.to_vec(),
        }
    }

    pub fn request(&self, target: &Target) -> String {
        let protocols = match self.offered.as_slice() {
            [] => String::new(),
            offered => format!("Sec-WebSocket-Protocol: {}\r\n", offered.join(", ")),
        };
        format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: probe\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\n\
             {protocols}\r\n",
            target.path(),
            target.authority(),
            self.key,
        )
    }

    /// The sub-protocol that the head of an answer with status 101 chooses, if any.
    ///
    /// # Errors
    ///
    /// In plain words, when it does not open a WebSocket for us.
    pub fn check(&self, head: &[u8]) -> io::Result<Option<String>> {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut answer = Response::new(&mut headers);
        answer.parse(head).map_err(|error| {
            io::Error::other(format!(
                "the head of the server's answer is malformed: {error}"
            ))
        })?;
        let headers = &*answer.headers;

        if !values(headers, "Upgrade").any(|value| value.eq_ignore_ascii_case("websocket")) {
            return Err(lacks("Upgrade: websocket"));
        }
        if !words(headers, "Connection").any(|word| word.eq_ignore_ascii_case("upgrade")) {
            return Err(lacks("Connection: Upgrade"));
        }
        let accept = derive_accept_key(self.key.as_bytes());
        if values(headers, "Sec-WebSocket-Accept").ne([accept]) {
            return Err(lacks("the Sec-WebSocket-Accept that belongs to our key"));
        }
        if let Some(extension) = words(headers, "Sec-WebSocket-Extensions").next() {
            let reason =
                format!("the server uses the extension \"{extension}\", which was not offered");
            return Err(io::Error::other(reason));
        }
        let chosen: Vec<_> = values(headers, "Sec-WebSocket-Protocol").collect();
        self.choice(&chosen)
    }

    fn choice(&self, chosen: &[String]) -> io::Result<Option<String>> {
        let reason = match (chosen, self.offered.as_slice()) {
            ([], []) => return Ok(None),
            ([one], offered) if offered.contains(one) => return Ok(Some(one.clone())),
            ([], offered) => format!("the server did not choose {}", alternatives(offered)),
            (others, []) => format!(
                "the server chose the sub-protocol {}, and none was offered",
                alternatives(others)
            ),
            (others, offered) => format!(
                "the server chose the sub-protocol {}, and not {}",
                alternatives(others),
                alternatives(offered)
            ),
        };
        Err(io::Error::other(reason))
    }
}

fn lacks(what: &str) -> io::Error {
    io::Error::other(format!("the server's answer lacks {what}"))
}

fn alternatives(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(" or ")
}

/// The values of all headers of this name.
fn values<'a>(headers: &'a [Header<'a>], name: &str) -> impl Iterator<Item = String> {
    headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name))
        .map(|header| String::from_utf8_lossy(header.value).trim().to_owned())
}

/// The words of all headers of this name, which are lists.
fn words<'a>(headers: &'a [Header<'a>], name: &str) -> impl Iterator<Item = String> {
    values(headers, name).flat_map(|value| {
        let words = value.split(',').map(|word| word.trim().to_owned());
        words.filter(|word| !word.is_empty()).collect::<Vec<_>>()
    })
}
