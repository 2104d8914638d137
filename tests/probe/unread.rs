//! What a socket on this machine has received that its program has not read yet: the relay's
//! way to know that a client has seen what was sent before the rest follows.

use std::{
    io::{Read, Write},
    net::{SocketAddr, SocketAddrV4},
};

use socket2::{Domain, Protocol, Socket, Type};

/// The length of `struct nlmsghdr`.
const HEADER: usize = 16;
/// Of `struct inet_diag_req_v2`.
const REQUEST: usize = 56;
/// Where `idiag_rqueue` is in the answer: after its header, four bytes, the addresses and a
/// time.
const QUEUE: usize = HEADER + 4 + 48 + 4;
/// `SOCK_DIAG_BY_FAMILY`, also what an answer is called that is no error.
const BY_FAMILY: u16 = 20;

/// The kernel, that answers questions about sockets: Linux's `sock_diag`.
pub struct Kernel(Socket);

impl Kernel {
    /// None where it is another system, or does not answer.
    pub fn new() -> Option<Self> {
        // AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG.
        let (family, kind, protocol) = (Domain::from(16), Type::from(3), Protocol::from(4));
        let is_linux = cfg!(target_os = "linux");
        let socket = is_linux.then(|| Socket::new(family, kind, Some(protocol)));
        socket?.ok().map(Self)
    }

    /// How many bytes the connected socket `local` has to read; none where there is no such
    /// socket any more, or nobody tells.
    pub fn unread(&mut self, local: SocketAddr, peer: SocketAddr) -> Option<u32> {
        let (SocketAddr::V4(local), SocketAddr::V4(peer)) = (local, peer) else {
            return None;
        };
        self.0.write_all(&question(local, peer)).ok()?;
        let mut answer = [0; 1024];
        let read = self.0.read(&mut answer).ok()?;
        let kind = u16::from_ne_bytes(answer[4..6].try_into().ok()?);
        let queue = u32::from_ne_bytes(answer[QUEUE..QUEUE + 4].try_into().ok()?);
        (kind == BY_FAMILY && read >= QUEUE + 4).then_some(queue)
    }
}

fn question(local: SocketAddrV4, peer: SocketAddrV4) -> Vec<u8> {
    let length = u32::try_from(HEADER + REQUEST).unwrap_or_default();
    let mut question = Vec::new();
    question.extend(length.to_ne_bytes());
    question.extend(BY_FAMILY.to_ne_bytes());
    // A request, the first one, of whoever this socket belongs to.
    question.extend(1_u16.to_ne_bytes());
    question.extend(1_u32.to_ne_bytes());
    question.extend(0_u32.to_ne_bytes());
    // AF_INET, IPPROTO_TCP, nothing besides; in any state.
    question.extend([2, 6, 0, 0]);
    question.extend(u32::MAX.to_ne_bytes());
    question.extend(local.port().to_be_bytes());
    question.extend(peer.port().to_be_bytes());
    for address in [local, peer] {
        question.extend(address.ip().octets());
        question.extend([0; 12]);
    }
    // On any interface, and with no cookie.
    question.extend(0_u32.to_ne_bytes());
    question.extend(u64::MAX.to_ne_bytes());
    question
}
