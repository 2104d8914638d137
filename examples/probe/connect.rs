//! The step *connect*: a race between the addresses of a host, as RFC 8305
//! (Happy Eyeballs) asks.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    io,
    net::SocketAddr,
    ops::ControlFlow,
    rc::Rc,
    time::Duration,
};

use glib::IOCondition;
use qio_task::{Error, QioTask, Watch};

use crate::{
    connection::{Connection, Outcome},
    socket::Socket,
};

/// The *Connection Attempt Delay* of RFC 8305.
pub const DELAY: Duration = Duration::from_millis(250);

/// Connects to the first of `addresses` that answers. The step is one task,
/// completed by hand; each attempt is a task of its own.
pub fn run(
    connection: &Connection,
    addresses: Vec<SocketAddr>,
    done: impl FnOnce(&Connection, Outcome<Socket>) + 'static,
) {
    race(connection, addresses, Socket::connect, done);
}

/// How an attempt begins: see [`Socket::connect`].
pub type Begin = fn(SocketAddr) -> io::Result<Socket>;

pub fn race(
    connection: &Connection,
    addresses: Vec<SocketAddr>,
    begin: Begin,
    done: impl FnOnce(&Connection, Outcome<Socket>) + 'static,
) {
    let race = Rc::new(Race {
        connection: connection.clone(),
        begin,
        waiting: RefCell::new(interleave(addresses)),
        attempts: RefCell::default(),
        under_way: Cell::new(0),
        pace: RefCell::default(),
        failures: RefCell::default(),
        step: RefCell::default(),
    });
    let step = connection.task().source(connection).callback({
        let race = race.clone();
        move |connection, won: Result<(Socket, SocketAddr), Error<io::Error>>| {
            race.stop();
            done(
                connection,
                won.map(|(socket, peer)| {
                    connection.hold(socket.clone(), peer);
                    (socket, peer.to_string())
                }),
            );
        }
    });
    race.step.replace(Some(step));
    race.attempt_next();
}

/// The addresses in the order in which they are tried: the families take
/// turns, the one that the system prefers first.
fn interleave(addresses: Vec<SocketAddr>) -> VecDeque<SocketAddr> {
    let Some(first) = addresses.first().copied() else {
        return VecDeque::new();
    };
    let (mut preferred, mut other): (VecDeque<_>, VecDeque<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv4() == first.is_ipv4());
    let mut order = VecDeque::new();
    while !preferred.is_empty() || !other.is_empty() {
        order.extend(preferred.pop_front());
        order.extend(other.pop_front());
    }
    order
}

/// The attempts that are under way and the addresses still to be tried.
struct Race {
    connection: Connection,
    begin: Begin,
    waiting: RefCell<VecDeque<SocketAddr>>,
    attempts: RefCell<Vec<Watch>>,
    under_way: Cell<usize>,
    /// Starts the next attempt while another one is still waiting.
    pace: RefCell<Option<Watch>>,
    failures: RefCell<Vec<(SocketAddr, io::Error)>>,
    /// Taken as the race ends.
    step: RefCell<Option<QioTask<(Socket, SocketAddr), io::Error>>>,
}

impl Race {
    /// Starts the next attempt; when none is left or under way, the race is lost.
    fn attempt_next(self: &Rc<Self>) {
        self.pace.take().inspect(Watch::cancel);
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(address) = next else { break };
            match (self.begin)(address) {
                Ok(socket) => {
                    self.attempt(&socket, address);
                    if !self.waiting.borrow().is_empty() {
                        self.set_pace();
                    }
                    return;
                }
                Err(error) => self.failures.borrow_mut().push((address, error)),
            }
        }
        if self.under_way.get() == 0 {
            self.end(Err(reason(self.failures.take())));
        }
    }

    fn set_pace(self: &Rc<Self>) {
        let race = self.clone();
        // Not under the step's timeout, which would end it in the same way.
        let pace = QioTask::builder()
            .name("attempt delay")
            .callback(move |passed: Result<(), Error>| {
                if passed.is_ok() {
                    race.attempt_next();
                }
            })
            .poll_every(DELAY, || ControlFlow::Break(Ok(())));
        self.pace.replace(Some(pace));
    }

    /// Waits for `socket` to be connected.
    fn attempt(self: &Rc<Self>, socket: &Socket, peer: SocketAddr) {
        self.under_way.set(self.under_way.get() + 1);
        let race = self.clone();
        let task = QioTask::builder()
            .name("attempt")
            .source(&self.connection)
            .callback(move |_, result| race.attempted(peer, result));
        let connecting = socket.clone();
        let attempt = task.watch_socket(socket.watched(), IOCondition::OUT, move |_| {
            let connected = connecting.is_connected();
            ControlFlow::Break(connected.map(|()| connecting.clone()))
        });
        self.attempts.borrow_mut().push(attempt);
    }

    fn attempted(self: &Rc<Self>, peer: SocketAddr, result: Result<Socket, Error<io::Error>>) {
        self.under_way.set(self.under_way.get() - 1);
        match result {
            Ok(socket) => self.end(Ok((socket, peer))),
            // Without waiting for the delay, as the RFC has it.
            Err(Error::Failed(error)) => {
                self.failures.borrow_mut().push((peer, error));
                self.attempt_next();
            }
            // The race is over.
            Err(_) => {}
        }
    }

    fn end(&self, result: io::Result<(Socket, SocketAddr)>) {
        let step = self.step.take();
        if let Some(step) = step {
            step.complete(result);
        }
    }

    /// Cancels what is under way.
    fn stop(&self) {
        self.waiting.take();
        self.step.take();
        self.pace.take().inspect(Watch::cancel);
        for attempt in self.attempts.take() {
            attempt.cancel();
        }
    }
}

/// Why no address could be connected to.
fn reason(mut failures: Vec<(SocketAddr, io::Error)>) -> io::Error {
    match failures.len() {
        0 => io::Error::new(io::ErrorKind::NotFound, "the host has no address"),
        1 => failures.remove(0).1,
        _ => {
            let each: Vec<_> = failures
                .iter()
                .map(|(address, error)| format!("{address}: {error}"))
                .collect();
            io::Error::other(each.join("; "))
        }
    }
}
