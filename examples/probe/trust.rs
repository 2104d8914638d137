//! [`Trust`]: which servers' certificates are good.

use std::{io, path::PathBuf, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

use crate::{
    cli::Options,
    identity::{self, certificates, named},
};

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
    /// Reads the certificates, also the client's own and its key, which blocks.
    pub fn load(self, identity: Option<(PathBuf, PathBuf)>) -> io::Result<Arc<ClientConfig>> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let builder = if let Self::Anyone = self {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Unchecked(provider.clone())))
        } else {
            builder.with_root_certificates(self.roots()?)
        };
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                builder.with_client_cert_resolver(identity::load(&certificate, &key, &provider)?)
            }
        };
        // Each probe is a whole handshake, with a certificate to check.
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
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
                for certificate in certificates("--ca", &path)? {
                    let added = roots.add(certificate);
                    added.map_err(|error| named("--ca", &path, &error))?;
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
