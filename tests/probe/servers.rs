//! What is probed. Each server is ended as it is dropped.

use std::{
    io::{BufRead, BufReader, Read},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::channel,
    thread,
};

use socket2::{Domain, Socket, Type};

use crate::{certificate::Certificate, program::HANG};

/// A server in a process, which says its port in a line.
struct Process {
    child: Child,
    /// `s_server` ends with its standard input.
    _stdin: Option<ChildStdin>,
}

impl Process {
    /// Starts it, and waits for the line that `port` makes something of.
    fn start(
        mut command: Command,
        package: &str,
        port: fn(&str) -> Option<u16>,
    ) -> (Self, SocketAddr) {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}; the package is `{package}`"));
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let this = Self {
            child,
            _stdin: stdin,
        };
        let (sender, found) = channel();
        thread::spawn(move || {
            let mut lines = stdout.lines().map_while(Result::ok);
            let _ = sender.send(lines.by_ref().find_map(|line| port(&line)));
            // It goes on writing: somebody has to read.
            lines.for_each(drop);
        });
        let port = found.recv_timeout(HANG).expect("the server says nothing");
        let port = port.unwrap_or_else(|| {
            panic!("{command:?} did not start; the package is `{package}`");
        });
        (this, SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `openssl s_server`.
pub struct Openssl {
    _process: Process,
    pub address: SocketAddr,
}

impl Openssl {
    pub fn start(certificate: &Certificate, arguments: &[&str]) -> Self {
        let mut command = Command::new("openssl");
        command
            .args([
                "s_server",
                "-accept",
                "127.0.0.1:0",
                "-cert",
                certificate.path(),
            ])
            .args(["-key", certificate.key()])
            .args(arguments);
        let (process, address) = Process::start(command, "openssl", |line| {
            line.strip_prefix("ACCEPT ")?
                .rsplit_once(':')?
                .1
                .trim()
                .parse()
                .ok()
        });
        Self {
            _process: process,
            address,
        }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }
}

/// A WebSocket server: Python's `websockets`.
pub struct Echo(Python);

const ECHO: &str = r#"
import asyncio, ssl, sys, websockets

async def echo(socket, path=None):
    async for message in socket:
        await socket.send(message)

choose = echo

async def listen(socket, path=None):
    async for message in socket:
        pass

async def close(socket, path=None):
    await socket.recv()
    await socket.close(1003, "no text")

async def main():
    context = None
    *certificate, manner = sys.argv[1:]
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    # Since version 11 a server that has some refuses a client that offers none.
    protocols = ["superchat", "chat"] if manner == "choose" else None
    async with websockets.serve(
            globals()[manner], "127.0.0.1", 0, ssl=context, subprotocols=protocols) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()

asyncio.run(main())
"#;

impl Echo {
    pub fn start(certificate: Option<&Certificate>) -> Self {
        Self(Python::start(ECHO, certificate, &["echo"]))
    }

    /// One that chooses the sub-protocol `superchat` or `chat`.
    pub fn that_chooses() -> Self {
        Self(Python::start(ECHO, None, &["choose"]))
    }

    /// One that answers to pings, and to no message.
    pub fn that_listens() -> Self {
        Self(Python::start(ECHO, None, &["listen"]))
    }

    /// One that answers to pings, and closes when it gets a message.
    pub fn that_closes() -> Self {
        Self(Python::start(ECHO, None, &["close"]))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.0.address)
    }
}

/// An HTTPS server: Python's `http.server`. (`s_server` answers no `HEAD`.)
pub struct Https(Python);

const HTTPS: &str = r#"
import http.server, ssl, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.wfile.write(sys.argv[4].encode("latin-1"))
        self.send_response(200, sys.argv[3])
        self.end_headers()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(*sys.argv[1:3])
server.socket = context.wrap_socket(
    server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

impl Https {
    /// One that says `phrase` in its status line.
    pub fn start(certificate: &Certificate, phrase: &str) -> Self {
        Self::with_interim(certificate, "", phrase)
    }

    /// One that says something before its answer.
    pub fn with_interim(certificate: &Certificate, interim: &str, phrase: &str) -> Self {
        Self(Python::start(HTTPS, Some(certificate), &[phrase, interim]))
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.0.address)
    }
}

struct Python {
    _process: Process,
    address: SocketAddr,
}

impl Python {
    fn start(script: &str, certificate: Option<&Certificate>, arguments: &[&str]) -> Self {
        // The system's own, which the package is for.
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-c", script]);
        if let Some(certificate) = certificate {
            command.arg(certificate.path()).arg(certificate.key());
        }
        command.args(arguments);
        let (process, address) = Process::start(command, "python3-websockets", |line| {
            line.trim().parse().ok()
        });
        Self {
            _process: process,
            address,
        }
    }
}

/// Takes connections and says nothing.
pub struct Silent(TcpListener);

impl Silent {
    pub fn new() -> Self {
        Self(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port"))
    }

    pub fn url(&self, scheme: &str) -> String {
        format!(
            "{scheme}://{}",
            self.0.local_addr().expect("a bound listener")
        )
    }

    /// Waits until a client has begun to speak.
    pub fn accept_and_read(&self) -> TcpStream {
        let listener = self.0.try_clone().expect("a descriptor");
        let (sender, accepted) = channel();
        thread::spawn(move || sender.send(listener.accept()));
        let accepted = accepted.recv_timeout(HANG).expect("nobody connects");
        let mut client = accepted.expect("a client").0;
        client.set_read_timeout(Some(HANG)).expect("a timeout");
        client.read_exact(&mut [0]).expect("its first byte");
        client
    }
}

/// A port that nobody listens on, and that nobody else can take.
pub struct Refusing(Socket);

impl Refusing {
    pub fn new() -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(&any.into()).expect("a free port");
        Self(socket)
    }

    pub fn url(&self, scheme: &str) -> String {
        let address = self
            .0
            .local_addr()
            .ok()
            .and_then(|address| address.as_socket());
        format!("{scheme}://{}", address.expect("a bound socket"))
    }
}
