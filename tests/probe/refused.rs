//! Servers that ask who the client is, and those that turn it away.

use std::{
    io::{Read, Write},
    net::TcpListener,
    time::Duration,
};

use crate::{certificate::Certificate, program::probe, servers::Openssl, socket::Socket};

const DEMAND: &str = "give one with --cert and --key";

/// A server that demands a certificate of `trusted`.
fn demanding(server: &Certificate, trusted: &Certificate, version: &str) -> Openssl {
    let arguments = [
        "-Verify",
        "1",
        "-verify_return_error",
        "-CAfile",
        trusted.path(),
    ];
    Openssl::start(server, &[&[version], &arguments[..]].concat())
}

#[test]
fn a_client_without_a_certificate_is_refused() {
    let certificate = Certificate::new();
    for version in ["-tls1_2", "-tls1_3"] {
        let server = demanding(&certificate, &certificate, version);
        // The last step of these has a handshake of its own that would hide the reason.
        for scheme in ["tls", "https", "wss"] {
            let url = server.url(scheme);
            let ended = probe(["--ca", certificate.path(), &url]);
            assert_eq!(ended.code, Some(1), "{version}: {ended:?}");
            let alert = match version {
                "-tls1_3" => "certificate_required",
                _ => "handshake_failure",
            };
            ended.assert_complaint(&[&url, "tls:", DEMAND, alert]);
        }
    }
}

#[test]
fn a_client_with_its_certificate_is_let_in() {
    let certificate = Certificate::new();
    let client = Certificate::new();
    for version in ["-tls1_2", "-tls1_3"] {
        let server = demanding(&certificate, &client, version);
        let files = ["--cert", client.path(), "--key", client.key()];
        let trust = ["--ca", certificate.path()];
        let ended = probe([&files[..], &trust, &[&server.url("tls")]].concat());
        assert_eq!(ended.code, Some(0), "{version}: {ended:?}");
    }
}

#[test]
fn a_client_of_an_unknown_issuer_is_refused() {
    let certificate = Certificate::new();
    let [client, other] = [(); 2].map(|()| Certificate::new());
    for version in ["-tls1_2", "-tls1_3"] {
        let server = demanding(&certificate, &other, version);
        let files = ["--cert", client.path(), "--key", client.key()];
        let trust = ["--ca", certificate.path()];
        let url = server.url("tls");
        let ended = probe([&files[..], &trust, &[&url]].concat());
        assert_eq!(ended.code, Some(1), "{version}: {ended:?}");
        ended.assert_complaint(&[
            &url,
            "tls:",
            "issuer of the client certificate",
            "unknown_ca",
        ]);
    }
}

#[test]
fn a_client_whose_certificate_has_expired_is_refused() {
    let certificate = Certificate::new();
    let client = Certificate::expired();
    let server = demanding(&certificate, &client, "-tls1_3");
    let files = ["--cert", client.path(), "--key", client.key()];
    let trust = ["--ca", certificate.path()];
    let ended = probe([&files[..], &trust, &[&server.url("tls")]].concat());
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&["tls:", "client certificate has expired"]);
}

#[test]
fn a_server_that_asks_and_does_not_insist() {
    let certificate = Certificate::new();
    for version in ["-tls1_2", "-tls1_3"] {
        // Without tickets it never says that it goes on.
        let server = Openssl::start(
            &certificate,
            &[version, "-verify", "1", "-num_tickets", "0"],
        );
        let ended = probe(["--ca", certificate.path(), &server.url("tls")]);
        assert_eq!(ended.code, Some(0), "{version}: {ended:?}");
    }
}

#[test]
fn the_wait_for_a_refusal_is_no_part_of_the_step() {
    let certificate = Certificate::new();
    let quiet = ["-tls1_3", "-verify", "1", "-num_tickets", "0"];
    let server = Openssl::start(&certificate, &quiet);
    // A limit that the wait alone would exceed: the handshake was done in time.
    let arguments = ["--json", "--timeout", "1.9", "--ca", certificate.path()];
    let ended = probe([&arguments[..], &[&server.url("tls")]].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let time = ended.objects()[0]["steps"][2]["ms"].as_f64().unwrap();
    assert!(time < 1900.0, "{ended:?}");
}

#[test]
fn bad_files() {
    let good = Certificate::new();
    let other = Certificate::new();
    let empty = good.file("empty.pem", "nothing\n");
    let broken = good.file(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n",
    );
    let wrong = good.file(
        "wrong.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let locked = good.file(
        "locked.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let key = good.file(
        "strange.pem",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    );
    for (cert, key, words) in [
        (
            "/no/such.pem",
            good.key(),
            ["--cert /no/such.pem", "No such file"],
        ),
        (
            good.path(),
            "/no/such.pem",
            ["--key /no/such.pem", "No such file"],
        ),
        (
            &empty,
            good.key(),
            [empty.as_str(), "there is no certificate in it"],
        ),
        (&broken, good.key(), [&broken, "base64"]),
        (&wrong, good.key(), [&wrong, "malformed"]),
        (
            good.path(),
            &empty,
            [empty.as_str(), "there is no private key in it"],
        ),
        (good.path(), &locked, [locked.as_str(), "passphrase"]),
        (good.path(), &key, [key.as_str(), "malformed"]),
        (
            good.path(),
            other.key(),
            [other.key(), "the key is not that of --cert"],
        ),
    ] {
        // Also where no step would need them.
        let ended = probe(["--cert", cert, "--key", key, "tcp://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        ended.assert_complaint(&words);
    }
    for one in [["--cert", good.path()], ["--key", good.key()]] {
        let ended = probe([one[0], one[1], "tcp://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(
            ended.stderr.contains("--cert") && ended.stderr.contains("--key"),
            "{ended:?}"
        );
    }
}

/// A client that writes to a peer that has hung up: its last words are still there.
#[test]
fn the_last_words_of_a_peer_that_hung_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut socket = Socket::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    socket.write_all(b"never read").unwrap();
    // It is there before the connection is reset, for what was never read.
    server.peek(&mut [0]).unwrap();
    server.write_all(b"sorry").unwrap();
    drop(server);
    while socket.is_connected().is_ok() {
        std::thread::sleep(Duration::from_millis(1));
    }
    for _ in 0..3 {
        socket.write_all(b"hello?").unwrap();
    }
    let mut words = Vec::new();
    socket.read_to_end(&mut words).unwrap();
    assert_eq!(words, b"sorry");
}
