//! WebSocket servers: what opens one, and what counts as an answer.

use std::io::{self, Read, Write};

use tungstenite::{Message, WebSocket, protocol::Role};

use crate::{
    nginx::Nginx,
    program::{Ended, probe},
    scripted::{Scripted, accepted, header, request},
    servers::Echo,
};

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
const ACCEPT: &str = "Sec-WebSocket-Accept: ACCEPT\r\n";

/// Probes a server that opens the connection with these headers and then echoes one message.
fn opened_with(before: &'static str, headers: String, arguments: &[&str]) -> Ended {
    let server = Scripted::start(move |mut client| {
        let answer = accepted(&request(&mut client), &headers);
        let _ = client.write_all(format!("{before}{answer}").as_bytes());
        let mut socket = WebSocket::from_raw_socket(client, Role::Server, None);
        while let Ok(message) = socket.read() {
            if message.is_text() {
                let _ = socket.send(message);
            }
        }
    });
    let url = server.url("ws");
    let ended = probe([arguments, &["--json", &url]].concat());
    server.join();
    ended
}

fn detail(ended: &Ended) -> String {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let detail = &ended.objects()[0]["steps"][2]["detail"];
    detail.as_str().expect("a detail").to_owned()
}

#[test]
fn upgrade_is_one_word_among_others() {
    for connection in [
        "Connection: Upgrade\r\n",
        "Connection: upgrade\r\n",
        "Connection: Upgrade, Keep-Alive\r\n",
        "Connection: keep-alive, upgrade\r\n",
        "Connection: keep-alive,Upgrade\r\n",
        "Connection: , keep-alive ,\tUPGRADE ,\r\n",
        "Connection: keep-alive\r\nConnection: Upgrade\r\n",
        "connection: Upgrade\r\nCONNECTION: close\r\n",
    ] {
        let headers = format!("Upgrade: WebSocket\r\n{connection}{ACCEPT}");
        let ended = opened_with("", headers, &[]);
        assert_eq!(detail(&ended), "echo of 14 bytes", "{connection}");
    }
}

#[test]
fn an_answer_that_opens_no_websocket() {
    for (headers, reason) in [
        (
            format!("Upgrade: websocket\r\n{ACCEPT}"),
            "lacks Connection: Upgrade",
        ),
        (
            format!("Upgrade: websocket\r\nConnection: keep-alive\r\n{ACCEPT}"),
            "lacks Connection: Upgrade",
        ),
        (
            format!("Upgrade: websocket\r\nConnection: Upgraded, no-upgrade\r\n{ACCEPT}"),
            "lacks Connection: Upgrade",
        ),
        (
            format!("Connection: Upgrade\r\n{ACCEPT}"),
            "lacks Upgrade: websocket",
        ),
        (
            format!("Upgrade: h2c\r\nConnection: Upgrade\r\n{ACCEPT}"),
            "lacks Upgrade: websocket",
        ),
        (UPGRADE.to_owned(), "Sec-WebSocket-Accept"),
        (
            format!("{UPGRADE}Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"),
            "Sec-WebSocket-Accept",
        ),
        (
            format!("{UPGRADE}{ACCEPT}Sec-WebSocket-Extensions: permessage-deflate; x=1\r\n"),
            "permessage-deflate",
        ),
        (
            format!("{UPGRADE}{ACCEPT}Sec-WebSocket-Protocol: chat\r\n"),
            "chose the sub-protocol \"chat\", and none was offered",
        ),
        (format!("{UPGRADE}{ACCEPT}no header\r\n"), "malformed"),
    ] {
        let ended = opened_with("", headers, &[]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.assert_complaint(&["websocket:", reason]);
    }
}

#[test]
fn interim_answers_come_before_the_handshake() {
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\nHTTP/1.1 102 Wait\r\n\r\n";
    let ended = opened_with(interim, format!("{UPGRADE}{ACCEPT}"), &[]);
    assert_eq!(detail(&ended), "echo of 14 bytes");
}

#[test]
fn another_status_is_told() {
    let server = Scripted::start(|mut client| {
        request(&mut client);
        let _ = client.write_all(b"HTTP/1.1 426 Upgrade Required\r\n\r\n");
        let _ = io::copy(&mut client, &mut io::sink());
    });
    let url = server.url("ws");
    let ended = probe([&url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[
        &url,
        "websocket:",
        "opens no WebSocket",
        "426 Upgrade Required",
    ]);
    server.join();
}

#[test]
fn a_handshake_and_no_more() {
    let server = Scripted::start(|mut client| {
        let answer = accepted(&request(&mut client), &format!("{UPGRADE}{ACCEPT}"));
        client.write_all(answer.as_bytes()).unwrap();
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).unwrap();
        rest
    });
    let url = server.url("ws");
    let ended = probe(["--json", "--handshake-only", &url]);
    assert_eq!(detail(&ended), "HTTP/1.1 101 Switching Protocols");
    assert_eq!(server.join(), b"", "neither a ping nor a message");
}

#[test]
fn a_sub_protocol_of_python() {
    let server = Echo::that_chooses();
    let url = server.url("ws");
    let ended = probe(["--json", "--protocol", "chat", &url]);
    assert_eq!(detail(&ended), "chat: echo of 14 bytes");
    let both = [
        "--protocol=chat",
        "--protocol=superchat",
        "--handshake-only",
    ];
    let ended = probe(["--json", both[0], both[1], both[2], &url]);
    let detail = detail(&ended);
    assert!(detail.contains("chat: HTTP/1.1 101"), "{detail}");

    let ended = probe(["--protocol", "soap", &url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    // It is not chosen by an older server, and refused by a newer one.
    ended.assert_complaint(&[&url, "websocket:"]);
}

#[test]
fn a_sub_protocol_that_was_not_offered() {
    for (chosen, reason) in [
        (
            "Sec-WebSocket-Protocol: soap\r\n",
            "chose the sub-protocol \"soap\", and not \"chat\"",
        ),
        (
            "Sec-WebSocket-Protocol: Chat\r\n",
            "chose the sub-protocol \"Chat\", and not \"chat\"",
        ),
        (
            "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat\r\n",
            "chose the sub-protocol \"chat\" or \"chat\"",
        ),
        ("", "did not choose \"chat\""),
    ] {
        let headers = format!("{UPGRADE}{ACCEPT}{chosen}");
        let ended = opened_with("", headers, &["--protocol", "chat"]);
        assert_eq!(ended.code, Some(1), "{ended:?}");
        ended.assert_complaint(&["websocket:", reason]);
    }
}

#[test]
fn a_pong_is_an_answer() {
    let server = Echo::that_listens();
    let ended = probe(["--json", &server.url("ws")]);
    assert_eq!(detail(&ended), "a pong, and no echo");
}

#[test]
fn a_pong_is_an_answer_though_the_server_closes() {
    let server = Echo::that_closes();
    let ended = probe(["--json", &server.url("ws")]);
    assert_eq!(detail(&ended), "a pong, and no echo");
}

#[test]
fn a_pong_to_nobody_is_no_answer() {
    let server = Scripted::start(|mut client| {
        let answer = accepted(&request(&mut client), &format!("{UPGRADE}{ACCEPT}"));
        client.write_all(answer.as_bytes()).unwrap();
        let mut socket = WebSocket::from_raw_socket(client, Role::Server, None);
        socket
            .send(Message::Pong("of another ping".into()))
            .unwrap();
        socket.close(None).unwrap();
        while socket.read().is_ok() {}
    });
    let url = server.url("ws");
    let ended = probe([&url]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    ended.assert_complaint(&[&url, "websocket:", "closed the WebSocket"]);
    server.join();
}

#[test]
fn through_nginx() {
    let echo = Echo::start(None);
    let server = Nginx::in_front_of(echo.address());
    let ended = probe(["--json", &server.url("ws")]);
    assert_eq!(detail(&ended), "echo of 14 bytes");
}

#[test]
fn no_answer_from_behind_nginx() {
    let server = Nginx::plain();
    let ended = probe([&server.url("ws")]);
    ended.assert_complaint(&["websocket:", "opens no WebSocket", "204"]);
}

#[test]
fn the_request_names_host_and_path() {
    let server = Scripted::start(|mut client| request(&mut client));
    let url = format!("ws://{}/a/b?c#d", server.address);
    probe(["--protocol", "chat", &url]);
    let address = server.address.to_string();
    let request = server.join();
    assert!(request.starts_with("GET /a/b?c HTTP/1.1\r\n"), "{request}");
    assert_eq!(header(&request, "Host"), Some(address.as_str()));
    assert_eq!(header(&request, "Sec-WebSocket-Protocol"), Some("chat"));
}
