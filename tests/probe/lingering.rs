//! Operations that have done their work and would like to know more, until then.

use std::{
    cell::RefCell,
    io::{self, Write},
    net::TcpListener,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::{IOCondition, MainContext};
use qio_task::Error;

use crate::{
    connection::{Common, Connection},
    drive::{Operation, Turn, drive},
    record::Step,
    socket::Socket,
    target::Target,
};

const A_LITTLE: Duration = Duration::from_millis(20);

/// Lingers for a little, and is asked again when there is something to read.
enum Curious {
    Begins,
    Lingers(Instant),
}

impl Operation for Curious {
    type Output = &'static str;

    fn advance(self) -> io::Result<Turn<Self>> {
        match self {
            Self::Begins => {
                let until = Instant::now() + A_LITTLE;
                Ok(Turn::Lingers(Self::Lingers(until), IOCondition::IN, until))
            }
            Self::Lingers(until) => {
                // Likewise, when the loop was not busy.
                thread::sleep(until.saturating_duration_since(Instant::now()));
                Ok(Turn::Done("found"))
            }
        }
    }

    fn settle(self) -> io::Result<Self::Output> {
        Ok("settled")
    }
}

/// Drives an operation to its end on a context of this thread.
fn driven<O: Operation>(operation: O, has_word: bool) -> Result<O::Output, Error<io::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = Socket::connect(listener.local_addr().unwrap()).unwrap();
    let (mut server, _) = listener.accept().unwrap();
    if has_word {
        server.write_all(b"word").unwrap();
    }
    let context = MainContext::new();
    let ended = Rc::new(RefCell::new(None));
    context
        .with_thread_default(|| {
            let common = Common {
                cancellable: gio::Cancellable::new(),
                timeout: Duration::from_mins(1),
                tls: None,
                protocols: Vec::new(),
                handshake_only: false,
            };
            let target = Target::parse("tcp://127.0.0.1:1").unwrap();
            let connection = Connection::new(target, common);
            connection.begin(Step::Tls);
            drive(&connection, &socket, operation, IOCondition::OUT, {
                let ended = ended.clone();
                move |_, result| {
                    ended.replace(Some(result));
                }
            });
            while ended.borrow().is_none() {
                context.iteration(true);
                // The loop is busy elsewhere, until both the time is over and the word is there.
                thread::sleep(2 * A_LITTLE);
            }
            let weak = connection.downgrade();
            drop(connection);
            assert!(weak.upgrade().is_none(), "nothing of it is left");
        })
        .unwrap();
    ended.take().expect("it ends")
}

#[test]
fn what_is_found_is_never_too_late() {
    assert_eq!(driven(Curious::Begins, true).unwrap(), "found");
}

#[test]
fn what_is_there_at_the_last_moment_is_found() {
    assert_eq!(driven(Curious::Begins, false).unwrap(), "found");
}

/// Waits for what never comes.
struct Patient(Option<Instant>);

impl Operation for Patient {
    type Output = &'static str;

    fn advance(self) -> io::Result<Turn<Self>> {
        let until = self.0.unwrap_or_else(|| Instant::now() + A_LITTLE);
        Ok(Turn::Lingers(Self(Some(until)), IOCondition::IN, until))
    }

    fn settle(self) -> io::Result<Self::Output> {
        assert!(
            self.0.is_some_and(|until| Instant::now() >= until),
            "not early"
        );
        Ok("settled")
    }
}

#[test]
fn what_does_not_come_is_done_without() {
    assert_eq!(driven(Patient(None), false).unwrap(), "settled");
}
