//! The race between the addresses of a host, without a name that has several.

use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    rc::Rc,
    time::{Duration, Instant},
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::Error;

use crate::{
    connect::{self, Begin, DELAY},
    connection::{Common, Connection, Outcome},
    record::Step,
    socket::Socket,
    target::Target,
};

thread_local! {
    /// What was tried, and when.
    static TRIED: RefCell<Vec<(SocketAddr, Instant)>> = const { RefCell::new(Vec::new()) };
    /// Keeps the other ends of the stalled attempts open.
    static OPEN: RefCell<Vec<TcpStream>> = const { RefCell::new(Vec::new()) };
    static LISTENER: TcpListener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
}

fn note(address: SocketAddr) {
    TRIED.with_borrow_mut(|tried| tried.push((address, Instant::now())));
}

fn tried() -> Vec<(SocketAddr, Instant)> {
    TRIED.take()
}

/// A connection that gets nowhere: never writable.
fn stall(address: SocketAddr) -> io::Result<Socket> {
    note(address);
    let (mut socket, other) = pair()?;
    let flood = [0; 1 << 14];
    while socket.write(&flood).is_ok() {}
    OPEN.with_borrow_mut(|open| open.push(other));
    Ok(socket)
}

fn connected(address: SocketAddr) -> io::Result<Socket> {
    note(address);
    let (socket, other) = pair()?;
    OPEN.with_borrow_mut(|open| open.push(other));
    Ok(socket)
}

fn refuse(address: SocketAddr) -> io::Result<Socket> {
    note(address);
    Err(io::ErrorKind::ConnectionRefused.into())
}

fn pair() -> io::Result<(Socket, TcpStream)> {
    LISTENER.with(|listener| {
        let socket = Socket::connect(listener.local_addr()?)?;
        Ok((socket, listener.accept()?.0))
    })
}

/// IPv4 stalls, IPv6 answers.
fn stall_the_old(address: SocketAddr) -> io::Result<Socket> {
    if address.is_ipv4() {
        stall(address)
    } else {
        connected(address)
    }
}

/// Runs a race on a context of this thread.
fn race(
    addresses: &[&str],
    begin: Begin,
    timeout: Duration,
    cancellable: &gio::Cancellable,
) -> Result<SocketAddr, Error<io::Error>> {
    let context = MainContext::new();
    let outcome = Rc::new(RefCell::new(None));
    let calls = Rc::new(Cell::new(0));
    context
        .with_thread_default(|| {
            let target = Target::parse("tcp://several.invalid:1").unwrap();
            let common = Common {
                cancellable: cancellable.clone(),
                timeout,
                tls: None,
                protocols: Vec::new(),
                handshake_only: false,
            };
            let connection = Connection::new(target, common);
            connection.begin(Step::Connect);
            let addresses = addresses
                .iter()
                .map(|address| address.parse().unwrap())
                .collect();
            connect::race(&connection, addresses, begin, {
                let (outcome, calls) = (outcome.clone(), calls.clone());
                move |connection: &Connection, ended: Outcome<Socket>| {
                    calls.set(calls.get() + 1);
                    let peer = connection.record().peer;
                    outcome.replace(Some(ended.map(|_| peer.expect("it holds the socket"))));
                }
            });
            while outcome.borrow().is_none() {
                context.iteration(true);
            }
            while context.iteration(false) {}
            let weak = connection.downgrade();
            drop(connection);
            assert!(weak.upgrade().is_none(), "nothing of the race is left");
        })
        .unwrap();
    assert_eq!(calls.get(), 1);
    outcome.take().expect("the race ends")
}

const V4: [&str; 2] = ["127.0.0.1:1", "127.0.0.2:1"];
const V6: [&str; 2] = ["[::1]:1", "[::2]:1"];
const LONG: Duration = Duration::from_mins(1);

#[test]
fn the_second_starts_after_the_delay_and_wins() {
    let none = gio::Cancellable::new();
    let won = race(&[V4[0], V6[0]], stall_the_old, LONG, &none);
    assert_eq!(won.unwrap(), V6[0].parse().unwrap());
    let tried = tried();
    assert_eq!(tried.len(), 2);
    assert!(tried[1].1 - tried[0].1 >= DELAY, "{tried:?}");
}

#[test]
fn families_take_turns_the_preferred_one_first() {
    let none = gio::Cancellable::new();
    let lost = race(&[V6[0], V6[1], V4[0], V4[1]], refuse, LONG, &none);
    let order: Vec<_> = tried()
        .iter()
        .map(|(address, _)| address.to_string())
        .collect();
    assert_eq!(order, [V6[0], V4[0], V6[1], V4[1]]);
    let reason = lost.unwrap_err().to_string();
    assert!(
        order.iter().all(|address| reason.contains(address)),
        "{reason}"
    );
}

#[test]
fn a_refused_one_is_not_waited_for() {
    fn refuse_the_old(address: SocketAddr) -> io::Result<Socket> {
        if address.is_ipv4() {
            refuse(address)
        } else {
            connected(address)
        }
    }
    let none = gio::Cancellable::new();
    let won = race(&[V4[0], V4[1], V6[1]], refuse_the_old, LONG, &none);
    assert_eq!(won.unwrap(), V6[1].parse().unwrap());
    assert_eq!(tried().len(), 2, "the winner is the second of three");
}

#[test]
fn the_first_wins_without_the_others() {
    let none = gio::Cancellable::new();
    let won = race(&[V6[0], V4[0]], stall_the_old, LONG, &none);
    assert_eq!(won.unwrap(), V6[0].parse().unwrap());
    assert_eq!(tried().len(), 1);
}

#[test]
fn one_timeout_for_all_attempts() {
    let none = gio::Cancellable::new();
    let lost = race(&V4, stall, DELAY * 8, &none);
    assert!(matches!(lost, Err(Error::TimedOut)), "{lost:?}");
    assert_eq!(tried().len(), 2);
}

#[test]
fn a_cancelled_race_ends() {
    let cancellable = gio::Cancellable::new();
    cancellable.cancel();
    let lost = race(&V4, stall, LONG, &cancellable);
    assert!(matches!(lost, Err(Error::Cancelled)), "{lost:?}");
}

#[test]
fn a_host_without_addresses() {
    let lost = race(&[], stall, LONG, &gio::Cancellable::new());
    assert!(matches!(lost, Err(Error::Failed(_))), "{lost:?}");
}
