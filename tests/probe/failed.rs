//! Servers that do not answer, or not well, and bad usage: one line names the
//! URL, the step and the reason.

use std::{
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use crate::{
    certificate::Certificate,
    program::probe,
    servers::{Echo, Https, Openssl, Refusing, Silent},
};

#[test]
fn a_certificate_that_nobody_vouches_for() {
    let certificate = Certificate::new();
    let server = Openssl::start(&certificate, &[]);
    let url = server.url("tls");
    let ended = probe([&url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "tls:", "certificate"]);

    let ended = probe(["--insecure", &url]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.assert_complaint(&["warning", "--insecure"]);
}

#[test]
fn a_certificate_of_another_name() {
    let certificate = Certificate::new();
    let server = Openssl::start(&certificate, &["-www"]);
    let url = format!("tls://localhost:{}", server.address.port());
    let ended = probe(["--ca", certificate.path(), &url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "tls:", "is not for localhost"]);
}

#[test]
fn a_server_that_speaks_no_tls() {
    let server = Echo::start(None);
    let url = server.url("tls");
    let ended = probe([&url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "tls:"]);
}

#[test]
fn a_server_that_is_no_websocket() {
    let certificate = Certificate::new();
    let server = Openssl::start(&certificate, &["-www"]);
    let url = server.url("wss");
    let ended = probe(["--ca", certificate.path(), &url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "websocket:"]);
}

#[test]
fn an_unknown_host() {
    let url = "tcp://no-such-host.invalid:80";
    let ended = probe([url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    // Where no resolver answers, this is its timeout.
    ended.assert_complaint(&[url, "lookup:"]);
}

#[test]
fn a_refused_port() {
    let server = Refusing::new();
    let url = server.url("tcp");
    let ended = probe([&url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "connect:", "refused"]);
}

#[test]
fn a_malformed_url_alone_is_bad_usage() {
    for url in [
        "not a url",
        "gopher://127.0.0.1/",
        "tcp://127.0.0.1",
        "tcp://:80",
        "tls://[::1",
    ] {
        let ended = probe([url]);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        ended.assert_complaint(&[url, "url:"]);
    }
}

#[test]
fn a_malformed_url_among_others_stops_none_of_them() {
    let server = Echo::start(None);
    let ended = probe(["--json", "gopher://127.0.0.1/", &server.url("ws")]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&["gopher://127.0.0.1/", "url:", "unknown scheme"]);
    let objects = ended.objects();
    assert_eq!(objects[0]["error"]["step"], "url");
    assert_eq!(objects[1]["ok"], true);
}

#[test]
fn bad_usage() {
    let url = "tcp://127.0.0.1:1";
    for arguments in [
        ["--timeout", "0", url],
        ["--timeout", "-1", url],
        ["--timeout", "soon", url],
        ["--timeout", "nan", url],
        ["--parallel", "0", url],
        ["--ca", "/no/such/file.pem", url],
        // A file, but no certificate.
        ["--ca", file!(), url],
        ["--colour", "red", url],
    ] {
        let ended = probe(arguments);
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert_ne!(ended.stderr, "", "says what is wrong");
    }
}

#[test]
fn a_silent_server_is_left_after_the_timeout() {
    let server = Silent::new();
    let certificate = Certificate::new();
    // Answers the handshake and no request.
    let mutes = [(); 2].map(|()| Openssl::start(&certificate, &[]));
    let urls = [
        server.url("tls"),
        server.url("ws"),
        mutes[0].url("https"),
        mutes[1].url("wss"),
    ];
    let start = Instant::now();
    let ended = probe(
        [
            &["--timeout", "2.5", "--ca", certificate.path()][..],
            &urls.each_ref().map(String::as_str),
        ]
        .concat(),
    );
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for (url, step) in urls
        .iter()
        .zip(["tls:", "websocket:", "http:", "websocket:"])
    {
        ended.assert_complaint(&[url, step, "no answer within 2.5 s"]);
    }
    let took = start.elapsed();
    // At once, and long before a test gives up.
    assert!(
        (Duration::from_millis(2500)..Duration::from_mins(1)).contains(&took),
        "{took:?}"
    );
    if let Some(cpu) = ended.cpu {
        assert!(
            cpu.as_secs_f64() < 1.25,
            "it waits and does not spin: {cpu:?}"
        );
    }
}

#[test]
fn a_server_that_hangs_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        for _ in 0..2 {
            drop(listener.accept().unwrap());
        }
    });
    let (tls, ws) = (format!("tls://{address}"), format!("ws://{address}"));
    let ended = probe([&tls, &ws]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&tls, "tls:"]);
    ended.assert_complaint(&[&ws, "websocket:"]);
    server.join().unwrap();
}

#[test]
fn a_server_that_steers_the_terminal() {
    let certificate = Certificate::new();
    let server = Https::start(&certificate, "\x1b[2J");
    let ended = probe(["--ca", certificate.path(), &server.url("https")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.stdout.contains("200") && !ended.stdout.contains('\x1b'),
        "{ended:?}"
    );
}
