//! [`Nginx`]: the web server, in front of nothing or of another one.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use crate::{certificate::Certificate, program::HANG};

/// One process with a folder of its own, which ends as this is dropped.
pub struct Nginx {
    child: Child,
    folder: PathBuf,
    pub address: SocketAddr,
}

impl Nginx {
    /// Answers 204 to everything, without TLS.
    pub fn plain() -> Self {
        Self::start("", "return 204;")
    }

    /// Likewise, with this version of TLS alone, such as `TLSv1.3`.
    pub fn secure(certificate: &Certificate, version: &str) -> Self {
        let settings = format!(
            "ssl_certificate {}; ssl_certificate_key {}; ssl_protocols {version};",
            certificate.path(),
            certificate.key(),
        );
        Self::start(" ssl", &format!("{settings} return 204;"))
    }

    /// Passes all on to a WebSocket server, as most of these are reached.
    pub fn in_front_of(server: SocketAddr) -> Self {
        let settings = format!(
            "location / {{ proxy_pass http://{server}; proxy_http_version 1.1;
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }}"
        );
        Self::start("", &settings)
    }

    fn start(listen: &str, settings: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("qio-task-nginx-{}-{count}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("a folder for nginx");
        let (port, address) = reserve();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {kind};"))
            .concat();
        let configuration = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;
             events {{ }}
             http {{
                 access_log off; {paths}
                 server {{ listen {address} reuseport{listen}; {settings} }}
             }}"
        );
        fs::write(folder.join("nginx.conf"), configuration).expect("a file");
        let mut command = Command::new(program());
        command
            .args(["-e", "stderr", "-c", "nginx.conf", "-p"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}; the package is `nginx`"));
        let mut this = Self {
            child,
            folder,
            address,
        };
        this.wait_until_it_listens();
        drop(port);
        this
    }

    fn wait_until_it_listens(&mut self) {
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none(), "nginx has ended: {ended:?}");
            assert!(begun.elapsed() < HANG, "nginx does not listen");
            thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }
}

/// A port that nobody else can take as long as the socket is there, since it takes two to
/// share one. nginx can't find a port by itself and say which.
fn reserve() -> (Socket, SocketAddr) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    // Elsewhere there is no nginx.
    #[cfg(unix)]
    socket.set_reuse_port(true).expect("a port to share");
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    socket.bind(&any.into()).expect("a free port");
    let address = socket.local_addr().ok().and_then(|it| it.as_socket());
    (socket, address.expect("a bound socket"))
}

/// Debian has it where only root looks.
fn program() -> &'static str {
    let system = "/usr/sbin/nginx";
    if Path::new(system).is_file() {
        system
    } else {
        "nginx"
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
