//! Addresses with a zone: the network interface that they are of.

use std::{
    io::{self, Write},
    net::{Ipv6Addr, TcpStream},
};

use crate::{
    program::probe,
    scripted::{Scripted, header, request},
    target::Target,
    zone,
};

/// The loopback interface.
const LOOPBACK: &str = if cfg!(target_os = "linux") {
    "lo"
} else {
    "lo0"
};

fn zone_of(url: &str) -> Result<Option<String>, String> {
    Target::parse(url).map(|target| target.zone)
}

#[test]
fn a_zone_is_found_in_both_spellings() {
    for (url, expected) in [
        ("tcp://[fe80::1%eth0]:22", Some("eth0")),
        ("tcp://[fe80::1%25eth0]:22", Some("eth0")),
        ("tcp://[fe80::1%2]:22", Some("2")),
        ("tcp://[fe80::1%252]:22", Some("2")),
        // The interface of that number: nothing follows that might be encoded.
        ("tcp://[fe80::1%25]:22", Some("25")),
        ("tcp://[fe80::1%25a%2Fb]:22", Some("a/b")),
        ("ws://me:pa%25ss@[fe80::1%eth0]:22/", Some("eth0")),
        // No zone, but the same sign elsewhere.
        ("ws://[fe80::1]:22/a%25b?[c%d]", None),
        ("ws://u%5B:p@[fe80::1]:22/[x%y]", None),
        ("tcp://127.0.0.1:22", None),
    ] {
        assert_eq!(zone_of(url), Ok(expected.map(str::to_owned)), "{url}");
    }
    for url in ["tcp://[fe80::1%]:22", "tcp://[fe80::1%eth0:22"] {
        assert!(zone_of(url).is_err(), "{url}");
    }
}

#[test]
fn a_zone_is_neither_in_the_name_nor_in_the_request() {
    for url in ["wss://[fe80::1%eth0]:44/x", "wss://[fe80::1%25eth0]:44/x"] {
        let target = Target::parse(url).unwrap();
        assert_eq!(target.host_name(), "fe80::1");
        assert_eq!(target.authority(), "[fe80::1]:44");
        assert_eq!(target.path(), "/x");
    }
}

#[test]
fn a_zone_is_the_number_of_an_interface() {
    let number = zone::scope_id(LOOPBACK).unwrap();
    assert_ne!(number, 0);
    assert_eq!(zone::scope_id(&number.to_string()).unwrap(), number);
    let error = zone::scope_id("no-such").unwrap_err().to_string();
    assert_eq!(error, "there is no network interface \"no-such\"");
}

#[test]
fn an_unknown_zone_fails_at_the_lookup() {
    let url = "tcp://[fe80::1%no-such]:1";
    let ended = probe([url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[url, "lookup:", "there is no network interface \"no-such\""]);
}

#[test]
fn a_server_hears_nothing_of_the_zone() {
    let serve = |mut client: TcpStream| {
        let request = request(&mut client);
        let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        let _ = io::copy(&mut client, &mut io::sink());
        request
    };
    // A machine may have no IPv6 at all.
    let Ok(server) = Scripted::on(Ipv6Addr::LOCALHOST.into(), serve) else {
        return;
    };
    let port = server.address.port();
    let number = zone::scope_id(LOOPBACK).unwrap();
    let ended = probe(["--json", &format!("ws://[::1%25{LOOPBACK}]:{port}/")]);
    assert_eq!(ended.objects()[0]["peer"], format!("[::1%{number}]:{port}"));
    let request = server.join();
    assert_eq!(
        header(&request, "Host"),
        Some(format!("[::1]:{port}").as_str())
    );
    assert!(!request.contains('%'), "{request}");
}
