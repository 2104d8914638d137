//! A TLS server for one client, on the loopback address.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig, ServerConnection,
    crypto::ring,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
};

/// What the client asks for.
pub const NAME: &str = "localhost";

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Prompt,
    /// It sends a byte at a time.
    Slow,
    /// It takes the connection and never says a word.
    Silent,
    /// Its certificate is good, for another name.
    Impostor,
}

impl Manner {
    /// In the order in which the page offers them.
    pub const ALL: [Self; 4] = [Self::Prompt, Self::Slow, Self::Silent, Self::Impostor];

    pub fn title(self) -> &'static str {
        match self {
            Self::Prompt => "Answers at once",
            Self::Slow => "Sends a byte at a time",
            Self::Silent => "Never answers",
            Self::Impostor => "Is somebody else",
        }
    }
}

/// A server that listens, and does not serve yet.
pub struct Server {
    manner: Manner,
    listener: TcpListener,
    tls: Arc<ServerConfig>,
}

impl Server {
    /// Makes a key and a certificate, which takes a while, and listens. The
    /// client's part trusts that certificate alone.
    pub fn listen(manner: Manner) -> io::Result<(Self, Arc<ClientConfig>)> {
        let name = match manner {
            Manner::Impostor => "impostor.example",
            _ => NAME,
        };
        let made =
            rcgen::generate_simple_self_signed([name.to_owned()]).map_err(io::Error::other)?;
        let certificate = made.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let tls = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())
            .map_err(io::Error::other)?;
        let server = Self {
            manner,
            listener: TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
            tls: Arc::new(tls),
        };
        Ok((server, trusting(certificate)?))
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves one client until it hangs up, which every client here does in the
    /// end: so no thread stays behind.
    pub fn serve(self) -> io::Result<()> {
        let (mut client, _) = self.listener.accept()?;
        client.set_nodelay(true)?;
        let mut tls = ServerConnection::new(self.tls).map_err(io::Error::other)?;
        match self.manner {
            Manner::Silent => {}
            Manner::Slow => drop(tls.complete_io(&mut Slowly(&client))?),
            Manner::Prompt | Manner::Impostor => drop(tls.complete_io(&mut client)?),
        }
        io::copy(&mut client, &mut io::sink())?;
        Ok(())
    }
}

fn trusting(certificate: CertificateDer<'static>) -> io::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).map_err(io::Error::other)?;
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(client))
}

/// A stream that sends a byte at a time.
struct Slowly<'a>(&'a TcpStream);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Slowly<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(3));
        self.0.write(&bytes[..bytes.len().min(1)])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
