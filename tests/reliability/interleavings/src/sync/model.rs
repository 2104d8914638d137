//! Threads and locks of loom, which tries their interleavings one by one.

mod mutex;
mod time;

use std::{
    cmp,
    sync::{Arc, atomic::AtomicUsize as Counter},
};

pub(crate) use loom::{
    cell::UnsafeCell,
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize},
    thread::{JoinHandle, spawn},
};
pub(crate) use mutex::{Mutex, MutexGuard};
/// One of which loom knows nothing: it makes no interleavings of its own.
pub(crate) use std::sync::Mutex as Unseen;
pub(crate) use time::{Condvar, Instant, LONG, pass};

use super::{Ordering, Preemptions};
use crate::wake_slot::WakeSlot;

/// How many preemptions there are without optimization: that is to try
/// whether the scenarios work, and not to take long.
const QUICK: usize = 1;

/// As the library's.
type Lot = (Mutex<Vec<(usize, Arc<WakeSlot>)>>, Condvar);

loom::lazy_static! {
    static ref PARKING: Lot = (Mutex::new(Vec::new()), Condvar::new());
}

/// Where threads sleep: all of them at one place, so that each is woken for others, too.
pub(crate) fn parking(_: usize) -> &'static Lot {
    &PARKING
}

/// What others did before they changed `count` comes before what follows.
pub(crate) fn acquire(_count: &AtomicUsize) {
    loom::sync::atomic::fence(Ordering::Acquire);
}

/// Runs `scenario`, in which there is one thread.
pub(crate) fn alone(scenario: impl Fn() + Send + Sync + 'static) {
    loom::model(move || {
        start();
        scenario();
    });
}

/// While there is one thread: what is made here adds no order to the scenario's own.
fn start() {
    time::start();
    parking(0);
}

/// Runs `scenario` once for each interleaving of its threads.
pub(crate) fn explore(preemptions: Preemptions, scenario: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = match preemptions {
        Preemptions::AtMost(bound) if cfg!(debug_assertions) => Some(cmp::min(bound, QUICK)),
        Preemptions::Any if cfg!(debug_assertions) => Some(QUICK),
        Preemptions::AtMost(bound) => Some(bound),
        Preemptions::Any => None,
    };
    let bound = model.preemption_bound;
    let tried = Arc::new(Counter::new(0));
    let count = tried.clone();
    model.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        start();
        scenario();
    });
    let test = std::thread::current();
    let (test, tried) = (test.name().unwrap_or(""), tried.load(Ordering::Relaxed));
    match bound {
        None => println!("{test}: {tried} interleavings, all there are"),
        Some(bound) => println!("{test}: {tried} interleavings of up to {bound} preemptions"),
    }
}

/// Nothing: each lock is a place where others may run, and loom's own
/// `yield_now` would be a promise that they do.
pub(crate) fn yield_now() {}
