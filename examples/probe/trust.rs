//! [`Trust`]: which servers' certificates are good.

use std::{io, path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};

use crate::cli::Options;

pub enum Trust {
    /// What the system trusts.
    System,
    /// What a PEM file holds.
    File(PathBuf),
    /// These alone.
    Only(Vec<CertificateDer<'static>>),
    /// No certificate is checked.
    Anyone,
}

impl From<&Options> for Trust {
    fn from(options: &Options) -> Self {
        match &options.ca {
            _ if options.insecure => Self::Anyone,
            Some(file) => Self::File(file.clone()),
            None => Self::System,
        }
    }
}

impl Trust {
    /// Reads the certificates, which blocks.
    pub fn load(self) -> io::Result<Arc<ClientConfig>> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let builder = if let Self::Anyone = self {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Unchecked(provider)))
        } else {
            builder.with_root_certificates(self.roots()?)
        };
        Ok(Arc::new(builder.with_no_client_auth()))
    }

    fn roots(self) -> io::Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        match self {
            Self::Anyone => {}
            Self::System => {
                // Without any, each handshake says that the issuer is unknown.
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            Self::File(path) => {
                let named = |error: &dyn std::fmt::Display| {
                    io::Error::other(format!("--ca {}: {error}", path.display()))
                };
                let text = std::fs::read(&path).map_err(|error| named(&error))?;
                for certificate in CertificateDer::pem_slice_iter(&text) {
                    let certificate = certificate.map_err(|error| named(&error))?;
                    roots.add(certificate).map_err(|error| named(&error))?;
                }
                if roots.is_empty() {
                    return Err(named(&"there is no certificate in it"));
                }
            }
            Self::Only(certificates) => {
                for certificate in certificates {
                    roots.add(certificate).map_err(io::Error::other)?;
                }
            }
        }
        Ok(roots)
    }
}

/// Takes any certificate, for `--insecure`; signatures still have to be right.
#[derive(Debug)]
struct Unchecked(Arc<CryptoProvider>);

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
