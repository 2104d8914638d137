//! Certificates to be shown, in files, and the keys that belong to them.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};

/// A certificate in a PEM file, and its key in another, in a directory of their own.
pub struct Certificate {
    directory: PathBuf,
    path: String,
    key: String,
}

impl Certificate {
    fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("qio-task-probe-{}-{count}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a directory for the certificate");
        Self {
            path: directory.join("certificate.pem").display().to_string(),
            key: directory.join("key.pem").display().to_string(),
            directory,
        }
    }

    /// One of 127.0.0.1 that `openssl` has made, signed by itself.
    pub fn new() -> Self {
        let this = Self::empty();
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
            ])
            .args(["-nodes", "-days", "2", "-subj", "/CN=qio-task probe"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", &this.key])
            .args(["-out", &this.path])
            .output()
            .unwrap_or_else(|error| panic!("openssl: {error}; the package is `openssl`"));
        assert!(made.status.success(), "openssl req: {made:?}");
        this
    }

    /// One of 127.0.0.1 as `change` makes it, signed by itself.
    pub fn changed(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let this = Self::empty();
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
        change(&mut params);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        fs::write(&this.path, certificate.pem()).expect("a file");
        fs::write(&this.key, key.serialize_pem()).expect("a file");
        this
    }

    pub fn expired() -> Self {
        Self::changed(|params| params.not_after = date_time_ymd(2024, 2, 29))
    }

    pub fn not_yet_valid() -> Self {
        Self::changed(|params| params.not_before = date_time_ymd(2999, 12, 31))
    }

    pub fn of_an_authority() -> Self {
        Self::changed(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn key(&self) -> &str {
        &self.key
    }

    /// Another file in the same directory.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.directory.join(name);
        fs::write(&path, content).expect("a file");
        path.display().to_string()
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}
