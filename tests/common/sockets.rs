//! Sockets that are connected with each other, on every platform.

use gio::{
    Cancellable, InetAddress, InetSocketAddress, Socket, SocketFamily, SocketProtocol, SocketType,
    prelude::*,
};

fn new() -> Socket {
    Socket::new(SocketFamily::Ipv4, SocketType::Stream, SocketProtocol::Tcp).unwrap()
}

/// Two ends of a connection on the loopback address. The first does not block.
pub fn connected() -> (Socket, Socket) {
    let listener = new();
    let loopback = InetAddress::new_loopback(SocketFamily::Ipv4);
    listener
        .bind(&InetSocketAddress::new(&loopback, 0), false)
        .unwrap();
    listener.listen().unwrap();
    let ours = new();
    let address = listener.local_address().unwrap();
    SocketExt::connect(&ours, &address, Cancellable::NONE).unwrap();
    let theirs = listener.accept(Cancellable::NONE).unwrap();
    ours.set_blocking(false);
    (ours, theirs)
}

/// Sends all of it, which is little.
pub fn say(socket: &Socket, words: &[u8]) {
    assert_eq!(socket.send(words, Cancellable::NONE), Ok(words.len()));
}
