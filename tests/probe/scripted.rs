//! Servers that say what a test has them say.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
};

use tungstenite::handshake::derive_accept_key;

use crate::program::HANG;

/// Serves one client, in a thread.
pub struct Scripted<T> {
    pub address: SocketAddr,
    ended: Receiver<T>,
}

impl<T: Send + 'static> Scripted<T> {
    pub fn start(serve: impl FnOnce(TcpStream) -> T + Send + 'static) -> Self {
        Self::on(Ipv4Addr::LOCALHOST.into(), serve).expect("a free port")
    }

    /// Fails where the system has no such address.
    pub fn on(
        address: IpAddr,
        serve: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let address = listener.local_addr()?;
        let (sender, ended) = channel();
        thread::spawn(move || {
            let client = listener.accept().expect("a client").0;
            client.set_read_timeout(Some(HANG)).expect("a timeout");
            sender.send(serve(client))
        });
        Ok(Self { address, ended })
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// What the script has come to.
    pub fn join(self) -> T {
        let ended = self.ended.recv_timeout(HANG);
        ended.expect("the script goes well, to its end")
    }
}

/// A server that says this at once, and waits until the client has gone.
pub fn saying(words: &'static [u8]) -> Scripted<()> {
    Scripted::start(move |mut client| {
        let _ = client.write_all(words);
        let _ = io::copy(&mut client, &mut io::sink());
    })
}

/// The head of a request.
pub fn request(client: &mut impl Read) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).expect("a request");
        head.extend(byte);
    }
    String::from_utf8(head).expect("a request is text")
}

/// The value of a header of a request, if it is there.
pub fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines();
    lines.find_map(|line| {
        let (key, value) = line.split_once(": ")?;
        key.eq_ignore_ascii_case(name).then_some(value)
    })
}

/// What a WebSocket server answers to `request`, but for what `others` says, `ACCEPT` in it
/// being the answer to the key.
pub fn accepted(request: &str, others: &str) -> String {
    let key = header(request, "Sec-WebSocket-Key").expect("a key");
    let accept = derive_accept_key(key.as_bytes());
    format!("HTTP/1.1 101 Switching Protocols\r\n{others}\r\n").replace("ACCEPT", &accept)
}
