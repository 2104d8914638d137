//! [`Relay`]: stands before a server, and cuts what that says into pieces.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crate::unread::Kernel;

/// What becomes of what the server says.
#[derive(Debug, Clone, Copy)]
pub enum Cut {
    /// Each byte is sent when the client has read the one before.
    EachByte,
    /// The first connection is cut after this many bytes, and each that follows after one
    /// more: the rest is sent when the client has read what is before the cut.
    Once(usize),
    /// Nothing follows after so many bytes, and the connection stays open.
    Short(usize),
    /// It is left whole.
    Never,
}

/// Ends as it is dropped; its connections end with their client.
pub struct Relay {
    pub address: SocketAddr,
    ending: Arc<AtomicBool>,
    said: Arc<AtomicUsize>,
}

impl Relay {
    pub fn start(server: SocketAddr, cut: Cut) -> Self {
        Self::before(vec![server], cut)
    }

    /// One for several servers of a kind, each of which serves one client after the other.
    pub fn before(servers: Vec<SocketAddr>, cut: Cut) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound listener");
        let ending = Arc::new(AtomicBool::new(false));
        let said = Arc::new(AtomicUsize::new(0));
        thread::spawn({
            let (ending, said) = (ending.clone(), said.clone());
            move || {
                for (index, client) in listener.incoming().enumerate() {
                    if ending.load(Ordering::Relaxed) {
                        return;
                    }
                    let cut = match cut {
                        Cut::Once(first) => Cut::Once(first + index),
                        other => other,
                    };
                    let (said, server) = (said.clone(), servers[index % servers.len()]);
                    // An error is one that the client sees.
                    thread::spawn(move || -> io::Result<()> {
                        connect(client?, server, cut, &said)
                    });
                }
            }
        });
        Self {
            address,
            ending,
            said,
        }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// How many bytes the server has said, to all clients together.
    pub fn said(&self) -> usize {
        self.said.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        // One more client, for the thread to look up.
        let _ = TcpStream::connect(self.address);
    }
}

/// Passes on in both directions, until both have ended.
fn connect(
    mut client: TcpStream,
    server: SocketAddr,
    cut: Cut,
    said: &AtomicUsize,
) -> io::Result<()> {
    let mut server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    let asking = thread::spawn({
        let (mut client, mut server) = (client.try_clone()?, server.try_clone()?);
        move || {
            let _ = io::copy(&mut client, &mut server);
            let _ = server.shutdown(Shutdown::Write);
        }
    });
    let mut kernel = Kernel::new();
    let mut passed = 0;
    let mut buffer = [0; 4096];
    // The client may have gone.
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        said.fetch_add(read, Ordering::Relaxed);
        if pass(&mut client, &buffer[..read], passed, cut, &mut kernel).is_err() {
            break;
        }
        passed += read;
    }
    if !matches!(cut, Cut::Short(_)) {
        let _ = client.shutdown(Shutdown::Write);
    }
    let _ = asking.join();
    Ok(())
}

fn pass(
    client: &mut TcpStream,
    bytes: &[u8],
    passed: usize,
    cut: Cut,
    kernel: &mut Option<Kernel>,
) -> io::Result<()> {
    let before = |length: usize| length.saturating_sub(passed).min(bytes.len());
    match cut {
        Cut::Never => client.write_all(bytes),
        Cut::Short(length) => client.write_all(&bytes[..before(length)]),
        Cut::EachByte => bytes.chunks(1).try_for_each(|byte| {
            client.write_all(byte)?;
            wait_until_read(client, kernel);
            Ok(())
        }),
        Cut::Once(length) => {
            let (first, second) = bytes.split_at(before(length));
            client.write_all(first)?;
            if !first.is_empty() && !second.is_empty() {
                wait_until_read(client, kernel);
            }
            client.write_all(second)
        }
    }
}

/// Waits until the other end of a connection on this machine has read all that was sent to
/// it, where the system tells.
fn wait_until_read(stream: &TcpStream, kernel: &mut Option<Kernel>) {
    let (Some(kernel), Ok(here), Ok(there)) = (kernel, stream.local_addr(), stream.peer_addr())
    else {
        return;
    };
    while kernel.unread(there, here).is_some_and(|unread| unread > 0) {
        thread::sleep(Duration::from_micros(200));
    }
}
