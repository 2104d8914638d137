//! The handshake, without the page: with each kind of server.

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    ops::ControlFlow,
    rc::Rc,
    thread,
};

use gtk::glib::{IOCondition, MainContext};
use qio_task::{Error, QioTask};

use super::{
    client::{Handshake, Outgoing, Step, Turn},
    server::{Manner, Server},
};

/// What the client saw of a server, and how it ended. From one that does not
/// answer it hangs up after the hello.
fn shake_hands(manner: Manner) -> (Vec<(Step, String)>, io::Result<()>) {
    let (server, config) = Server::listen(manner).unwrap();
    let mut handshake = Handshake::begin(server.address().unwrap(), config).unwrap();
    let server = thread::spawn(move || server.serve());
    let steps = RefCell::new(Vec::new());
    let context = MainContext::new();
    wait_for(&context, &handshake, IOCondition::OUT);
    let result = loop {
        let turn =
            handshake.advance(|step, detail| steps.borrow_mut().push((step, detail.to_owned())));
        match turn {
            Ok(Turn::Waits(condition)) if manner != Manner::Silent => {
                wait_for(&context, &handshake, condition);
            }
            Ok(_) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    // The client hangs up, and the server's thread ends.
    drop(handshake);
    let _ = server.join().unwrap();
    (steps.into_inner(), result)
}

/// Waits as the page does, but here.
fn wait_for(context: &MainContext, handshake: &Handshake, condition: IOCondition) {
    let ended = Rc::new(RefCell::new(None));
    context
        .with_thread_default(|| {
            let task = QioTask::builder().callback({
                let ended = ended.clone();
                move |result: Result<(), Error>| {
                    ended.replace(Some(result));
                }
            });
            task.watch_fd(handshake.socket(), condition, |_| {
                ControlFlow::Break(Ok(()))
            });
            while ended.borrow().is_none() {
                context.iteration(true);
            }
        })
        .unwrap();
}

fn names(steps: &[(Step, String)]) -> Vec<Step> {
    steps.iter().map(|(step, _)| *step).collect()
}

#[test]
fn every_step_is_seen_in_its_order() {
    let (steps, result) = shake_hands(Manner::Prompt);
    result.unwrap();
    assert_eq!(names(&steps), Step::ALL[1..]);
    assert!(steps[2].1.starts_with("TLS 1.3, "), "{steps:?}");
}

#[test]
fn a_byte_at_a_time_is_enough() {
    let (steps, result) = shake_hands(Manner::Slow);
    result.unwrap();
    assert_eq!(names(&steps), Step::ALL[1..]);
    assert!(steps[4].1.contains("pieces"), "{steps:?}");
}

#[test]
fn an_impostor_fails_at_its_certificate() {
    let (steps, result) = shake_hands(Manner::Impostor);
    assert_eq!(result.unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert_eq!(names(&steps).last(), Some(&Step::Answer));
}

#[test]
fn a_silent_server_hears_the_hello_and_ends_with_its_client() {
    let (steps, _) = shake_hands(Manner::Silent);
    assert_eq!(names(&steps), [Step::Connect, Step::Hello]);
}

#[test]
fn three_bytes_of_an_answer_are_no_handshake() {
    let (_, config) = Server::listen(Manner::Prompt).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let mut handshake = Handshake::begin(listener.local_addr().unwrap(), config).unwrap();
    let context = MainContext::new();
    wait_for(&context, &handshake, IOCondition::OUT);
    let turn = handshake.advance(|_, _| {});
    assert!(matches!(turn, Ok(Turn::Waits(IOCondition::IN))));
    let (mut server, _) = listener.accept().unwrap();
    // All that it is told, or it would break the connection off as it hangs up.
    let mut hello = [0; 4096];
    assert!(server.read(&mut hello).unwrap() > 100);
    server.write_all(&[0x16, 3, 3]).unwrap();
    wait_for(&context, &handshake, IOCondition::IN);
    let turn = handshake.advance(|_, _| {});
    assert!(matches!(turn, Ok(Turn::Waits(IOCondition::IN))));
    drop(server);
    wait_for(&context, &handshake, IOCondition::IN);
    let ended = handshake.advance(|_, _| {}).map(|_| ());
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn the_last_words_of_a_server_are_heard() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    // What it never reads makes the system break the connection off.
    (&client).write_all(b"hello").unwrap();
    server.peek(&mut [0]).unwrap();
    server.write_all(b"sorry").unwrap();
    drop(server);
    while client.take_error().unwrap().is_none() {
        thread::yield_now();
    }
    Outgoing(&client).write_all(b"hello?").unwrap();
    let mut words = [0; 5];
    (&client).read_exact(&mut words).unwrap();
    assert_eq!(&words, b"sorry");
}
