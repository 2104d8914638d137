//! The thread that starts the others is asked by several at once: each has its thread started
//! once, and none waits for it.

use std::{cell::RefCell, io, sync::Arc};

use crate::{
    starter::{Requests, Starter},
    sync::{
        Condvar, JoinHandle, Mutex,
        Preemptions::{Any, AtMost},
        explore, lock, spawn,
    },
};

/// What the threads of a scenario share.
struct Shop {
    starter: Starter<u32>,
    /// Which threads were started.
    started: Mutex<Vec<u32>>,
    all_started: Condvar,
    server: Mutex<Option<JoinHandle<()>>>,
    /// How often the starter is refused.
    refusals: Mutex<usize>,
}

thread_local! {
    /// The functions of a starter are given nothing else. (The threads of loom are all on one.)
    static SHOP: RefCell<Option<Arc<Shop>>> = const { RefCell::new(None) };
}

fn here() -> Arc<Shop> {
    SHOP.with_borrow(Clone::clone).expect("set by the scenario")
}

fn refuse() -> io::Error {
    io::ErrorKind::WouldBlock.into()
}

impl Shop {
    /// The starter is refused so often.
    fn new(refusals: usize) -> Arc<Self> {
        let shop = Arc::new(Self {
            starter: Starter {
                requests: Mutex::new(Requests::NONE),
                asked: Condvar::new(),
                start_here: |number| here().start_here(number),
                begin: || here().begin(),
            },
            started: Mutex::new(Vec::new()),
            all_started: Condvar::new(),
            server: Mutex::new(None),
            refusals: Mutex::new(refusals),
        });
        SHOP.set(Some(shop.clone()));
        shop
    }

    fn start_here(&self, number: u32) {
        lock(&self.started).push(number);
        self.all_started.notify_one();
    }

    fn begin(self: &Arc<Self>) -> io::Result<()> {
        let mut refusals = lock(&self.refusals);
        if *refusals > 0 {
            *refusals -= 1;
            return Err(refuse());
        }
        let shop = self.clone();
        let server = self.spawn(move || shop.starter.serve(|| ()));
        assert!(lock(&self.server).replace(server).is_none(), "there is one");
        Ok(())
    }

    fn spawn(self: &Arc<Self>, run: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
        let shop = self.clone();
        spawn(move || {
            SHOP.set(Some(shop));
            run();
        })
    }

    fn ask(&self, number: u32) {
        self.starter.start(number);
    }

    fn ask_on_a_thread(self: &Arc<Self>, number: u32) -> JoinHandle<()> {
        let shop = self.clone();
        self.spawn(move || shop.ask(number))
    }

    /// Waits until so many were started, and checks that each was, once.
    fn end(&self, numbers: u32) {
        let mut started = lock(&self.started);
        while started.len() < numbers as usize {
            started = self.all_started.wait(started).expect("nothing panics");
        }
        started.sort_unstable();
        assert!(started.iter().copied().eq(0..numbers));
        drop(started);
        assert!(self.starter.stop_serving().is_empty());
        self.starter.asked.notify_one();
        if let Some(server) = lock(&self.server).take() {
            server.join().expect("nothing panics");
        }
        SHOP.set(None);
    }
}

#[test]
fn one_asks_after_the_other() {
    explore(Any, || {
        let shop = Shop::new(0);
        (0..4).for_each(|number| shop.ask(number));
        shop.end(4);
    });
}

#[test]
fn two_ask_for_the_first_at_once() {
    explore(AtMost(4), || {
        let shop = Shop::new(0);
        let other = shop.ask_on_a_thread(1);
        shop.ask(0);
        other.join().unwrap();
        shop.end(2);
    });
}

#[test]
fn two_ask_at_once() {
    explore(AtMost(3), || {
        let shop = Shop::new(0);
        shop.ask(0);
        let other = shop.ask_on_a_thread(1);
        shop.ask(2);
        other.join().unwrap();
        shop.end(3);
    });
}

#[test]
fn three_ask_at_once() {
    explore(AtMost(2), || {
        let shop = Shop::new(0);
        shop.ask(0);
        let others = [1, 2].map(|number| shop.ask_on_a_thread(number));
        shop.ask(3);
        for other in others {
            other.join().unwrap();
        }
        shop.end(4);
    });
}

/// Who asks next begins it.
#[test]
fn the_starter_is_refused() {
    explore(AtMost(3), || {
        let shop = Shop::new(1);
        let other = shop.ask_on_a_thread(0);
        shop.ask(2);
        other.join().unwrap();
        shop.ask(1);
        shop.end(3);
    });
}
