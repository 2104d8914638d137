//! Servers that answer: every step is reached, by many at once.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

#[cfg(unix)]
use crate::servers::Silent;
use crate::{
    certificate::Certificate,
    program::{Program, probe, steps},
    servers::{Echo, Https, Openssl},
};

#[test]
fn every_step_of_its_own_server() {
    let ended = probe(["--json"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let objects = ended.objects();
    let reached: Vec<_> = objects.iter().map(steps).collect();
    assert_eq!(
        reached,
        [
            vec!["lookup", "connect"],
            vec!["lookup", "connect", "tls"],
            vec!["lookup", "connect", "tls", "http"],
            vec!["lookup", "connect", "websocket"],
            vec!["lookup", "connect", "tls", "websocket"],
        ]
    );
    assert!(
        objects.iter().all(|object| object["ok"] == true),
        "{ended:?}"
    );
}

#[test]
fn a_table_for_people() {
    let ended = probe::<&str>([]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let header: Vec<_> = ended
        .stdout
        .lines()
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    assert_eq!(
        header[..6],
        ["URL", "LOOKUP", "CONNECT", "TLS", "HTTP", "WEBSOCKET"]
    );
    assert_eq!(ended.stdout.lines().count(), 6, "{ended:?}");
    assert!(ended.stdout.contains("HTTP/1.1 200 OK"), "{ended:?}");
    assert_eq!(ended.stderr, "", "no live lines without a terminal");
}

#[test]
fn tls_1_3_of_openssl() {
    let certificate = Certificate::new();
    let server = Openssl::start(&certificate, &["-tls1_3"]);
    let urls = [server.url("tcp"), server.url("tls")];
    let ended = probe(["--json", "--ca", certificate.path(), &urls[0], &urls[1]]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let objects = ended.objects();
    assert_eq!(steps(&objects[1]), ["lookup", "connect", "tls"]);
    assert_eq!(objects[1]["peer"], server.address.to_string());
    let detail = &objects[1]["steps"][2]["detail"];
    assert!(
        detail.as_str().is_some_and(|it| it.starts_with("TLSv1_3")),
        "{detail}"
    );
}

#[test]
fn tls_1_2_of_openssl() {
    let certificate = Certificate::new();
    let server = Openssl::start(&certificate, &["-tls1_2"]);
    let ended = probe(["--json", "--ca", certificate.path(), &server.url("tls")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let detail = &ended.objects()[0]["steps"][2]["detail"];
    assert!(
        detail.as_str().is_some_and(|it| it.starts_with("TLSv1_2")),
        "{detail}"
    );
}

#[test]
fn https_of_python() {
    let certificate = Certificate::new();
    let server = Https::start(&certificate, "Fine");
    let ended = probe(["--json", "--ca", certificate.path(), &server.url("https")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let object = &ended.objects()[0];
    assert_eq!(steps(object), ["lookup", "connect", "tls", "http"]);
    assert_eq!(object["steps"][3]["detail"], "HTTP/1.0 200 Fine");
}

#[test]
fn websocket_of_python() {
    let server = Echo::start(None);
    let ended = probe(["--json", &server.url("ws")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        steps(&ended.objects()[0]),
        ["lookup", "connect", "websocket"]
    );
}

#[test]
fn websocket_over_tls_of_python() {
    let certificate = Certificate::new();
    let server = Echo::start(Some(&certificate));
    let ended = probe(["--json", "--ca", certificate.path(), &server.url("wss")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(
        steps(&ended.objects()[0]),
        ["lookup", "connect", "tls", "websocket"]
    );
}

#[test]
fn two_hundred_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Answers none before all are there.
    let server = thread::spawn(move || {
        let clients: Vec<_> = (0..200).map(|_| listener.accept().unwrap().0).collect();
        for client in clients {
            let mut socket = tungstenite::accept(client).unwrap();
            let message = socket.read().unwrap();
            socket.send(message).unwrap();
        }
    });
    let mut arguments = vec!["--json".to_owned(), "--parallel=200".to_owned()];
    arguments.extend((0..200).map(|path| format!("ws://{address}/{path}")));
    arguments.extend(["--timeout".to_owned(), "60".to_owned()]);
    let ended = probe(&arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let objects = ended.objects();
    assert_eq!(objects.len(), 200);
    assert!(
        objects.iter().all(|object| object["ok"] == true),
        "{ended:?}"
    );
    assert_eq!(
        objects[7]["url"], arguments[9],
        "in the order they were given"
    );
    server.join().unwrap();
}

#[test]
fn two_hundred_one_after_the_other() {
    let server = Echo::start(None);
    let url = server.url("ws");
    let mut arguments = vec!["--json", "--parallel", "1"];
    arguments.extend(std::iter::repeat_n(url.as_str(), 200));
    let ended = probe(&arguments);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.objects().len(), 200);
}

#[test]
#[cfg(unix)]
fn ctrl_c_tells_what_was_reached() {
    let good = Echo::start(None);
    let silent = Silent::new();
    let (good, stuck) = (good.url("ws"), silent.url("tls"));
    let later = silent.url("tcp");
    // One at a time: the first has ended when the second begins.
    let program = Program::start([
        "--json",
        "--parallel=1",
        "--timeout=300",
        &good,
        &stuck,
        &later,
    ]);
    let hello = silent.accept_and_read();
    program.interrupt();
    let ended = program.wait();
    drop(hello);

    assert_eq!(ended.code, Some(130), "{ended:?}");
    let objects = ended.objects();
    assert_eq!(objects[0]["ok"], true);
    assert_eq!(steps(&objects[1]), ["lookup", "connect"]);
    assert_eq!(objects[1]["error"]["step"], "tls");
    assert_eq!(objects[1]["error"]["kind"], "cancelled");
    assert_eq!(objects[2]["error"]["kind"], "cancelled");
    ended.assert_complaint(&[&stuck, "tls:", "cancelled"]);
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let program = Program::start_without_reader();
    let ended = program.wait();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn an_answer_in_small_pieces() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        client.set_nodelay(true).unwrap();
        let mut socket = tungstenite::accept(Dribble(client)).unwrap();
        // A greeting is no echo, and no error.
        socket.send(tungstenite::Message::text("welcome")).unwrap();
        let message = socket.read().unwrap();
        socket.send(message).unwrap();
    });
    let ended = probe([&url]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    server.join().unwrap();
}

/// Writes a few bytes at a time; fewer are an attack to tungstenite.
struct Dribble(TcpStream);

impl Read for Dribble {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Dribble {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(&buffer[..8.min(buffer.len())])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
