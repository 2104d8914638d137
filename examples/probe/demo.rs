//! [`Demo`]: a server on the loopback address, to have something to probe.

use std::{
    error::Error,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};

/// No client keeps a thread for longer by saying nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Three threads with a port each: WebSocket echo, HTTP over TLS, and
/// WebSocket echo over TLS. Each serves one client after the other, and ends
/// as this is dropped.
pub struct Demo {
    certificate: CertificateDer<'static>,
    echo: Server,
    http: Server,
    secure_echo: Server,
}

impl Demo {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let certificate = made.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())?;
        let config = Arc::new(config);
        let encrypt = move |client| -> Result<_, Box<dyn Error>> {
            Ok(StreamOwned::new(
                ServerConnection::new(config.clone())?,
                client,
            ))
        };
        Ok(Self {
            certificate,
            echo: Server::start("echo", echo)?,
            http: Server::start("http", {
                let encrypt = encrypt.clone();
                move |client| answer(encrypt(client)?)
            })?,
            secure_echo: Server::start("secure echo", move |client| echo(encrypt(client)?))?,
        })
    }

    /// What a client has to trust.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    /// One of every scheme.
    pub fn urls(&self) -> Vec<String> {
        vec![
            format!("tcp://{}", self.echo.address),
            format!("tls://{}", self.http.address),
            format!("https://{}/", self.http.address),
            format!("ws://{}/", self.echo.address),
            format!("wss://{}/", self.secure_echo.address),
        ]
    }
}

/// A thread that serves the clients of one port.
struct Server {
    address: SocketAddr,
    ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(
        name: &str,
        serve: impl Fn(TcpStream) -> Result<(), Box<dyn Error>> + Send + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let ending = Arc::new(AtomicBool::new(false));
        let thread = thread::Builder::new().name(name.to_owned()).spawn({
            let ending = ending.clone();
            move || {
                while let Ok((client, _)) = listener.accept() {
                    if ending.load(Ordering::Relaxed) {
                        return;
                    }
                    // A client that leaves early is what a probe is.
                    let _ = client
                        .set_nodelay(true)
                        .and_then(|()| client.set_read_timeout(Some(PATIENCE)))
                        .map_err(Into::into)
                        .and_then(|()| serve(client));
                }
            }
        })?;
        Ok(Self {
            address,
            ending,
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        // One more client, for the thread to look up.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

/// Sends every message back.
fn echo(client: impl Read + Write) -> Result<(), Box<dyn Error>> {
    let mut socket = tungstenite::accept(client).map_err(|error| error.to_string())?;
    loop {
        let message = socket.read()?;
        if message.is_text() || message.is_binary() {
            socket.send(message)?;
        }
    }
}

/// Answers a request, whatever it asks for.
fn answer(mut client: impl Read + Write) -> Result<(), Box<dyn Error>> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = client.read(&mut buffer)?;
        if read == 0 || request.len() > 16 * buffer.len() {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    client.flush()?;
    Ok(())
}
