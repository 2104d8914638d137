//! Who the client is, to a server that asks: `--cert` and `--key`.

use std::{
    fmt::Display,
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{
    Error, InconsistentKeys, SignatureScheme,
    client::ResolvesClientCert,
    crypto::CryptoProvider,
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    sign::{CertifiedKey, SingleCertAndKey},
};

/// Reads a certificate, with those of its issuers if any, and its key. This blocks.
pub fn load(
    certificate: &Path,
    key: &Path,
    provider: &CryptoProvider,
) -> io::Result<Arc<dyn ResolvesClientCert>> {
    let of_certificate = |error: &dyn Display| named("--cert", certificate, error);
    let of_key = |error: &dyn Display| named("--key", key, error);

    let chain = certificates("--cert", certificate)?;
    let text = fs::read(key).map_err(|error| of_key(&error))?;
    let private = PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound if is_encrypted(&text) => {
            of_key(&"the key has a passphrase; `openssl pkey` writes it without one")
        }
        pem::Error::NoItemsFound => of_key(&"there is no private key in it"),
        other => of_key(&other),
    })?;
    let pair = CertifiedKey::from_der(chain, private, provider).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            let reason = format!("the key is not that of --cert {}", certificate.display());
            of_key(&reason)
        }
        Error::InvalidCertificate(_) => of_certificate(&"the certificate in it is malformed"),
        _ => of_key(&"the key in it is malformed, or of a kind that is not known here"),
    })?;
    Ok(Arc::new(SingleCertAndKey::from(pair)))
}

/// The certificates of a PEM file that `option` names, one at least.
pub fn certificates(option: &str, path: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let text = fs::read(path).map_err(|error| named(option, path, &error))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(none) if none.is_empty() => Err(named(option, path, &"there is no certificate in it")),
        Ok(found) => Ok(found),
        Err(error) => Err(named(option, path, &error)),
    }
}

/// An error that names the file.
pub fn named(option: &str, path: &Path, error: &dyn Display) -> io::Error {
    io::Error::other(format!("{option} {}: {error}", path.display()))
}

fn is_encrypted(pem: &[u8]) -> bool {
    let word = b"ENCRYPTED";
    pem.windows(word.len()).any(|window| window == word)
}

/// Answers for one connection, and knows afterwards whether it was asked.
#[derive(Debug)]
pub struct Asked {
    resolver: Arc<dyn ResolvesClientCert>,
    was_asked: AtomicBool,
}

impl Asked {
    pub fn new(resolver: Arc<dyn ResolvesClientCert>) -> Self {
        Self {
            resolver,
            was_asked: AtomicBool::new(false),
        }
    }

    pub fn was_asked(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.was_asked.store(true, Ordering::Relaxed);
        self.resolver.resolve(issuers, schemes)
    }

    fn has_certs(&self) -> bool {
        self.resolver.has_certs()
    }
}
