//! What goes wrong in TLS is told in plain words, and not in the library's.

use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose};
use rustls::{AlertDescription, Error, client::ResolvesClientCert, sign::CertifiedKey};

use crate::{
    certificate::Certificate,
    identity::{self, Asked},
    nginx::Nginx,
    program::{Ended, probe},
    relay::{Cut, Relay},
    scripted::saying,
    servers::Openssl,
    words,
};

/// Fails at `tls`, for a reason with these words and none of rustls'.
fn assert_reason(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&["tls:"], words].concat());
    for word in ended.stderr.split([' ', '(', ')']) {
        assert!(!is_of_a_program(word), "{word} in {ended:?}");
    }
}

/// `LikeThis`, the name of something in a program.
fn is_of_a_program(word: &str) -> bool {
    let after_the_first = word.chars().skip(1).any(char::is_uppercase);
    after_the_first && word.contains(char::is_lowercase) && !word.contains(['"', '-'])
}

#[test]
fn servers_that_speak_something_else() {
    for (first, reason) in [
        (
            &b"SSH-2.0-OpenSSH_9.2p1\r\n"[..],
            "speaks SSH, and not TLS: it says \"SSH-2.0-OpenSSH_9.2p1\"",
        ),
        (
            b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>",
            "speaks HTTP without TLS: it says \"HTTP/1.1 400 Bad Request\"",
        ),
        (
            b"220 mail.example ESMTP\r\n",
            "does not speak TLS: it says \"220 mail.example ESMTP\"",
        ),
        // The end of the line never comes.
        (b"login: ", "does not speak TLS: it says \"login:\""),
        (
            b"\x4a\0\0\0\x0a8.0.36\0",
            "does not speak TLS: it begins with 4a 00 00 00 0a 38 2e 30",
        ),
        // An alert of SSL 2 times; and one byte of TLS that is none.
        (b"\x80\x03\0\0\x01", "does not speak TLS"),
        (
            b"\x16\x02\0\0\x01",
            "does not speak TLS: it begins with 16 02",
        ),
    ] {
        let server = saying(first);
        let ended = probe([&server.url("tls")]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.assert_complaint(&["tls:", reason]);
        server.join();
    }
}

#[test]
fn a_foreign_line_that_comes_in_pieces() {
    let server = Nginx::plain();
    let relay = Relay::start(server.address, Cut::EachByte);
    let ended = probe([&relay.url("tls")]);
    let reason = "speaks HTTP without TLS: it says \"HTTP/1.1 400 Bad Request\"";
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&["tls:", reason]);
}

#[test]
fn http_of_nginx() {
    let nginx = Nginx::plain();
    for scheme in ["tls", "https", "wss"] {
        let ended = probe([&nginx.url(scheme)]);
        ended.assert_complaint(&["tls:", "speaks HTTP without TLS", "400 Bad Request"]);
    }
}

#[test]
fn servers_of_old_times_and_of_other_tastes() {
    let certificate = Certificate::new();
    let old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"];
    let server = Openssl::start(&certificate, &old);
    let ended = probe([&server.url("tls")]);
    assert_reason(&ended, &["neither TLS 1.2 nor 1.3"]);

    let other = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"];
    let server = Openssl::start(&certificate, &other);
    let ended = probe([&server.url("tls")]);
    assert_reason(&ended, &["no way to encrypt", "handshake_failure"]);

    let server = Openssl::start(&certificate, &["-tls1_3", "-curves", "secp521r1"]);
    let ended = probe([&server.url("tls")]);
    assert_reason(&ended, &["no way to encrypt", "handshake_failure"]);
}

#[test]
fn certificates_that_are_not_good() {
    let of_a_client = |params: &mut CertificateParams| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    };
    for (certificate, reason) in [
        (Certificate::expired(), "certificate expired on 2024-02-29"),
        (
            Certificate::not_yet_valid(),
            "certificate is not valid before 2999-12-31",
        ),
        (
            Certificate::of_an_authority(),
            "certificate is that of an authority",
        ),
        (
            Certificate::changed(of_a_client),
            "certificate was not made for a server",
        ),
        (
            Certificate::changed(|params| params.subject_alt_names.clear()),
            "certificate is not for 127.0.0.1: it is for no host",
        ),
    ] {
        let server = Openssl::start(&certificate, &[]);
        let ended = probe(["--ca", certificate.path(), &server.url("tls")]);
        assert_reason(&ended, &[reason]);
    }
}

#[test]
fn a_certificate_of_other_hosts() {
    let names = ["one.example".to_owned(), "127.0.0.1".to_owned()];
    let certificate = Certificate::changed(|params| {
        *params = CertificateParams::new(names).expect("names");
    });
    let server = Openssl::start(&certificate, &[]);
    let url = format!("tls://localhost:{}", server.address.port());
    let ended = probe(["--ca", certificate.path(), &url]);
    assert_reason(
        &ended,
        &["certificate is not for localhost: it is for one.example, 127.0.0.1"],
    );
}

#[test]
fn a_certificate_that_nobody_knows() {
    let certificate = Certificate::new();
    let server = Openssl::start(&certificate, &[]);
    let ended = probe([&server.url("tls")]);
    assert_reason(
        &ended,
        &["has an issuer that is not trusted here (--ca names others)"],
    );
}

/// One resolver for a client with a certificate, and one without.
fn clients() -> [Arc<dyn ResolvesClientCert>; 2] {
    let certificate = Certificate::new();
    let provider = rustls::crypto::ring::default_provider();
    let with = identity::load(
        certificate.path().as_ref(),
        certificate.key().as_ref(),
        &provider,
    );
    [with.expect("good files"), Arc::new(Nobody)]
}

#[derive(Debug)]
struct Nobody;

impl ResolvesClientCert for Nobody {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

#[test]
fn every_alert_has_a_sentence() {
    for client in clients() {
        for is_asked in [true, false] {
            let asked = Asked::new(client.clone());
            if is_asked {
                asked.resolve(&[], &[]);
            }
            for number in 0..=u8::MAX {
                let alert = AlertDescription::from(number);
                let sentence = words::of_tls(&Error::AlertReceived(alert), &asked);
                assert!(sentence.contains("the server"), "{sentence}");
                assert!(!sentence.split(' ').any(is_of_a_program), "{sentence}");
                let name = sentence.rsplit_once("(alert ").expect("the alert").1;
                assert!(name.ends_with(')') && name.len() > 1, "{sentence}");
            }
        }
    }
}
