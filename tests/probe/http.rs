//! HTTP servers: which of their answers counts.

use crate::{
    certificate::Certificate,
    nginx::Nginx,
    program::{probe, steps},
    servers::Https,
};

fn detail(server: &Https, certificate: &Certificate) -> String {
    let ended = probe(["--json", "--ca", certificate.path(), &server.url("https")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let detail = &ended.objects()[0]["steps"][3]["detail"];
    detail.as_str().expect("a detail").to_owned()
}

#[test]
fn interim_answers_are_skipped() {
    let certificate = Certificate::new();
    for interim in [
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 199 Whatever\nA: HTTP/1.1 404 Not Found\n\n",
    ] {
        let server = Https::with_interim(&certificate, interim, "Fine");
        assert_eq!(
            detail(&server, &certificate),
            "HTTP/1.0 200 Fine",
            "{interim}"
        );
    }
}

#[test]
fn switching_protocols_is_no_interim_answer() {
    let certificate = Certificate::new();
    let interim = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n";
    let server = Https::with_interim(&certificate, interim, "Fine");
    assert_eq!(
        detail(&server, &certificate),
        "HTTP/1.1 101 Switching Protocols"
    );
}

#[test]
fn nothing_but_interim_answers() {
    let certificate = Certificate::new();
    let hint = "HTTP/1.1 103 Early Hints\r\nA: a header that is as long as others are\r\n\r\n";
    let server = Https::with_interim(&certificate, &hint.repeat(1_000), "Fine");
    let url = server.url("https");
    let ended = probe(["--ca", certificate.path(), &url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "http:", "has no end"]);
}

#[test]
fn https_of_nginx() {
    let certificate = Certificate::new();
    for version in ["TLSv1.2", "TLSv1.3"] {
        let server = Nginx::secure(&certificate, version);
        let ended = probe(["--json", "--ca", certificate.path(), &server.url("https")]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let object = &ended.objects()[0];
        assert_eq!(steps(object), ["lookup", "connect", "tls", "http"]);
        assert_eq!(object["steps"][3]["detail"], "HTTP/1.1 204 No Content");
    }
}
