//! What goes wrong in TLS, in plain words.

use glib::DateTime;
use rustls::{
    AlertDescription, CertificateError, Error, PeerIncompatible, client::ResolvesClientCert,
    pki_types::UnixTime,
};

use crate::identity::Asked;

/// Why a connection has failed, to the user; `asked` knows what it has to do with the
/// client's own certificate.
pub fn of_tls(error: &Error, asked: &Asked) -> String {
    match error {
        Error::AlertReceived(alert) => refusal(*alert, asked),
        Error::InvalidCertificate(error) => certificate(error),
        Error::NoCertificatesPresented => "the server shows no certificate".to_owned(),
        Error::PeerIncompatible(reason) => incompatible(reason),
        Error::PeerMisbehaved(reason) => {
            format!("the server does not keep to the rules of TLS ({reason:?})")
        }
        Error::DecryptError => "what came can't be decrypted: it was changed on the way".to_owned(),
        Error::InvalidMessage(_)
        | Error::InappropriateMessage { .. }
        | Error::InappropriateHandshakeMessage { .. }
        | Error::PeerSentOversizedRecord => {
            format!("the server's TLS makes no sense here ({error})")
        }
        other => format!("TLS does not work here ({other})"),
    }
}

/// What a server means that ends the connection by an alert.
fn refusal(alert: AlertDescription, asked: &Asked) -> String {
    use AlertDescription as A;
    let reason = match alert {
        _ if asked.was_asked() => of_client(alert, asked.has_certs()),
        A::CertificateRequired => Some(NONE_GIVEN),
        _ => None,
    };
    let reason = reason.unwrap_or(match alert {
        A::HandshakeFailure | A::InsufficientSecurity => {
            "the server knows no way to encrypt that is known here, or needs something else"
        }
        A::ProtocolVersion => "the server speaks neither TLS 1.2 nor 1.3",
        A::UnrecognisedName => "the server knows no host of this name",
        A::NoApplicationProtocol => "the server wants another protocol within TLS",
        A::AccessDenied => "the server denies access",
        A::InternalError => "the server has met an error of its own",
        A::MissingExtension => "the server needs to be told more, such as a host's name",
        A::UserCanceled => "the server has been told to end the connection",
        _ => "the server has ended the connection",
    });
    format!("{reason} (alert {})", name(alert))
}

const NONE_GIVEN: &str = "the server demands a client certificate: give one with --cert and --key";

/// The same, of a server that has asked for the client's certificate, as far as it may
/// have to do with that. TLS has one alert for "there is none", and only since 1.3;
/// servers take any of these.
fn of_client(alert: AlertDescription, was_shown: bool) -> Option<&'static str> {
    use AlertDescription as A;
    match (alert, was_shown) {
        (A::CertificateRequired, true) => {
            Some("the server takes no client certificate of the kind that --cert names")
        }
        (
            A::CertificateRequired
            | A::HandshakeFailure
            | A::NoCertificate
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateUnknown
            | A::UnknownCA
            | A::AccessDenied,
            false,
        ) => Some(NONE_GIVEN),
        (A::CertificateExpired, true) => Some("to the server, the client certificate has expired"),
        (A::CertificateRevoked, true) => {
            Some("to the server, the client certificate has been revoked")
        }
        (A::UnknownCA, true) => {
            Some("the server does not know the issuer of the client certificate")
        }
        (
            A::HandshakeFailure
            | A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateUnknown
            | A::DecryptError
            | A::AccessDenied,
            true,
        ) => Some("the server does not accept the client certificate"),
        _ => None,
    }
}

/// As the RFCs write it.
fn name(alert: AlertDescription) -> String {
    let Some(name) = alert.as_str() else {
        return u8::from(alert).to_string();
    };
    let mut words = String::new();
    let mut after_small = false;
    for char in name.chars() {
        if char.is_uppercase() && after_small {
            words.push('_');
        }
        after_small = char.is_lowercase();
        words.extend(char.to_lowercase());
    }
    words
}

/// What is wrong with the server's certificate.
fn certificate(error: &CertificateError) -> String {
    use CertificateError as C;
    let rest = match error {
        C::ExpiredContext { not_after, .. } => format!("expired on {}", date(*not_after)),
        C::Expired => "has expired".to_owned(),
        C::NotValidYetContext { not_before, .. } => {
            format!("is not valid before {}", date(*not_before))
        }
        C::NotValidYet => "is not valid yet".to_owned(),
        C::Revoked => "has been revoked".to_owned(),
        C::UnknownIssuer => "has an issuer that is not trusted here (--ca names others)".to_owned(),
        C::NotValidForNameContext {
            expected,
            presented,
        } => format!(
            "is not for {}: it is for {}",
            expected.to_str(),
            match presented.as_slice() {
                [] => "no host".to_owned(),
                names => names
                    .iter()
                    .map(|it| host(it))
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        ),
        C::NotValidForName => "is not for this host".to_owned(),
        C::InvalidPurpose | C::InvalidPurposeContext { .. } => {
            "was not made for a server".to_owned()
        }
        C::BadSignature => "or the server's signature is forged or broken".to_owned(),
        C::BadEncoding => "is malformed".to_owned(),
        C::UnhandledCriticalExtension => "has a condition that is not known here".to_owned(),
        C::UnsupportedSignatureAlgorithmContext { .. }
        | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is signed in a way that is not known here".to_owned()
        }
        C::Other(reason) => match format!("{:?}", reason.0).as_str() {
            "CaUsedAsEndEntity" => "is that of an authority, and not of a host".to_owned(),
            "UnsupportedCertVersion" => "is of an old version, without names of hosts".to_owned(),
            other => format!("can't be relied on ({other})"),
        },
        other => format!("can't be relied on ({other})"),
    };
    format!("the server's certificate {rest}")
}

/// The name that a certificate is for, without what webpki says of its kind.
fn host(presented: &str) -> &str {
    let inner = |kind: &str| presented.strip_prefix(kind)?.strip_suffix(')');
    let name = inner("DnsName(").or_else(|| inner("IpAddress("));
    name.map_or(presented, |name| name.trim_matches('"'))
}

fn date(time: UnixTime) -> String {
    let date = i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_unix_utc(seconds).ok())
        .and_then(|date| date.format("%Y-%m-%d").ok());
    date.map_or_else(|| "an unknown day".to_owned(), |date| date.to_string())
}

fn incompatible(reason: &PeerIncompatible) -> String {
    use PeerIncompatible as P;
    match reason {
        P::ServerDoesNotSupportTls12Or13
        | P::ServerTlsVersionIsDisabledByOurConfig
        | P::SupportedVersionsExtensionRequired => {
            "the server speaks neither TLS 1.2 nor 1.3".to_owned()
        }
        other => format!("the server's TLS and the one here don't go together ({other:?})"),
    }
}
