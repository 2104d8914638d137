//! Answers that come in pieces, as over any real network: cut at every length, or a byte at
//! a time, by a relay in front of real servers.

use std::{io::Write, net::SocketAddr, ops::Range};

use serde_json::Value;

use crate::{
    certificate::Certificate,
    nginx::Nginx,
    program::{Ended, probe, steps},
    relay::{Cut, Relay},
    servers::{Echo, Openssl, Silent},
};

/// Probes servers of a kind through a relay as often as there are lengths, many at a time,
/// and returns what became of each.
fn cut_at_each(
    lengths: Range<usize>,
    servers: &[SocketAddr],
    scheme: &str,
    arguments: &[&str],
) -> Vec<Value> {
    let relay = Relay::before(servers.to_vec(), Cut::Once(lengths.start));
    let url = relay.url(scheme);
    let mut all = vec!["--json", "--parallel", "64", "--timeout", "120"];
    all.extend(arguments);
    all.extend(lengths.clone().map(|_| url.as_str()));
    let objects = probe(&all).objects();
    assert_eq!(objects.len(), lengths.len());
    objects
}

/// Some, since each serves one client after the other.
fn openssl(certificate: &Certificate, version: &str) -> [Openssl; 4] {
    [(); 4].map(|()| Openssl::start(certificate, &[version]))
}

/// How many bytes a server says, and what became of the probe.
fn said(server: SocketAddr, scheme: &str, arguments: &[&str]) -> (usize, Ended) {
    let relay = Relay::start(server, Cut::Never);
    let url = relay.url(scheme);
    let ended = probe([arguments, &[&url]].concat());
    (relay.said(), ended)
}

fn assert_all_reached(objects: &[Value], last: &str) {
    for object in objects {
        assert_eq!(object["ok"], true, "{object}");
        assert_eq!(steps(object).last(), Some(&last), "{object}");
    }
}

#[test]
fn three_bytes_and_silence_are_no_handshake() {
    let server = Silent::new();
    let url = server.url("tls");
    let client = std::thread::spawn({
        let url = url.clone();
        move || probe(["--json", "--insecure", "--timeout", "1.5", &url])
    });
    let mut hello = server.accept_and_read();
    hello.write_all(&[0x16, 3, 3]).unwrap();
    let ended = client.join().unwrap();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let object = &ended.objects()[0];
    assert_eq!(object["error"]["step"], "tls");
    assert_eq!(object["error"]["kind"], "timed-out");
    ended.assert_complaint(&[&url, "tls:", "no answer within 1.5 s"]);
}

#[test]
fn a_flight_that_stops_short_is_no_handshake() {
    let certificate = Certificate::new();
    for version in ["-tls1_2", "-tls1_3"] {
        let servers = openssl(&certificate, version);
        let (whole, _) = said(servers[0].address, "tls", &[]);
        // The length of a signature varies.
        let lengths = [1, 5, 200, whole - 16];
        let relays: Vec<_> = servers
            .iter()
            .zip(lengths)
            .map(|(server, length)| Relay::start(server.address, Cut::Short(length)))
            .collect();
        let mut arguments = vec!["--insecure".to_owned(), "--timeout=2".to_owned()];
        arguments.extend(relays.iter().map(|relay| relay.url("tls")));
        let ended = probe(&arguments);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        for relay in &relays {
            ended.assert_complaint(&[&relay.url("tls"), "tls:", "no answer within 2 s"]);
        }
    }
}

#[test]
fn a_certificate_in_two_pieces_is_checked() {
    let certificate = Certificate::new();
    for version in ["-tls1_2", "-tls1_3"] {
        let servers = openssl(&certificate, version);
        let addresses = servers.each_ref().map(|server| server.address);
        let (whole, ended) = said(addresses[0], "tls", &[]);
        ended.assert_complaint(&["tls:", "issuer"]);
        for object in cut_at_each(1..whole, &addresses, "tls", &[]) {
            assert_eq!(object["error"]["step"], "tls", "{object}");
            let reason = object["error"]["reason"].as_str().unwrap_or_default();
            assert!(reason.contains("issuer"), "{object}");
        }
    }
}

#[test]
fn tls_1_2_cut_at_every_length() {
    tls_cut_at_every_length("-tls1_2", "TLSv1_2 TLS_");
}

#[test]
fn tls_1_3_cut_at_every_length() {
    tls_cut_at_every_length("-tls1_3", "TLSv1_3 TLS13_");
}

fn tls_cut_at_every_length(version: &str, description: &str) {
    let certificate = Certificate::new();
    let servers = openssl(&certificate, version);
    let addresses = servers.each_ref().map(|server| server.address);
    let trust = ["--ca", certificate.path()];
    let (whole, _) = said(addresses[0], "tls", &trust);
    let objects = cut_at_each(1..whole, &addresses, "tls", &trust);
    assert_all_reached(&objects, "tls");
    for object in &objects {
        let detail = object["steps"][2]["detail"].as_str().unwrap_or_default();
        assert!(detail.starts_with(description), "{object}");
    }
}

#[test]
fn websocket_cut_at_every_length() {
    let server = Echo::start(None);
    let (whole, _) = said(server.address(), "ws", &[]);
    let objects = cut_at_each(1..whole, &[server.address()], "ws", &[]);
    assert_all_reached(&objects, "websocket");
}

#[test]
fn https_cut_at_every_length() {
    let certificate = Certificate::new();
    let server = Nginx::secure(&certificate, "TLSv1.2 TLSv1.3");
    let trust = ["--ca", certificate.path()];
    let (handshake, _) = said(server.address, "tls", &trust);
    let (whole, _) = said(server.address, "https", &trust);
    assert!(handshake < whole);
    let objects = cut_at_each(handshake..whole, &[server.address], "https", &trust);
    assert_all_reached(&objects, "http");
}

#[test]
fn a_byte_at_a_time() {
    let certificate = Certificate::new();
    let openssl = ["-tls1_2", "-tls1_3"].map(|it| Openssl::start(&certificate, &[it]));
    let nginx = ["TLSv1.2", "TLSv1.3"].map(|it| Nginx::secure(&certificate, it));
    let echo = Echo::start(None);
    let secure_echo = Echo::start(Some(&certificate));
    let servers = [
        (openssl[0].address, "tls"),
        (openssl[1].address, "tls"),
        (nginx[0].address, "https"),
        (nginx[1].address, "https"),
        (echo.address(), "ws"),
        (secure_echo.address(), "wss"),
    ];
    let relays = servers.map(|(server, scheme)| (Relay::start(server, Cut::EachByte), scheme));
    let urls = relays.each_ref().map(|(relay, scheme)| relay.url(scheme));
    let mut arguments = vec!["--ca", certificate.path()];
    arguments.extend(urls.iter().map(String::as_str));
    let ended = probe(&arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    // And nobody is trusted because of it.
    let ended = probe(&urls);
    for (url, (_, scheme)) in urls.iter().zip(&relays) {
        if *scheme != "ws" {
            ended.assert_complaint(&[url, "tls:", "issuer"]);
        }
    }
}
