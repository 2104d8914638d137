//! The limit: the least that does the work at all, on the system alone.
//!
//! One worker thread takes what is queued and counts what it has done; an
//! eventfd tells the main loop, once, until it has looked.

use std::{
    cell::RefCell,
    collections::VecDeque,
    hint::black_box,
    mem,
    os::fd::AsRawFd,
    sync::{Arc, Condvar, Mutex, OnceLock, PoisonError},
    thread,
};

use gio::SimpleAction;
use glib::{ControlFlow, IOCondition, MainContext, Priority};
use rustix::{
    event::{EventfdFlags, eventfd},
    fd::OwnedFd,
};

use super::{Foreign, Inline, Spawn};

/// What nothing safe is faster than.
pub struct Limit;

type Work = Box<dyn FnOnce() + Send>;
type Done = Box<dyn FnOnce()>;

/// What has come home: rows of [`ROWS`].
struct Home {
    rows: Mutex<VecDeque<usize>>,
    bell: OwnedFd,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<VecDeque<(Work, usize)>>,
    filled: Condvar,
}

static HOME: OnceLock<Home> = OnceLock::new();
static QUEUE: OnceLock<Arc<Queue>> = OnceLock::new();

thread_local! {
    /// What is called for each row, once.
    static ROWS: RefCell<Vec<Option<Done>>> = const { RefCell::new(Vec::new()) };
}

fn home() -> &'static Home {
    HOME.get_or_init(|| {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)
            .expect("a descriptor is left");
        let source = glib_unix::fd_source_new(
            bell.as_raw_fd(),
            IOCondition::IN,
            None,
            Priority::DEFAULT_IDLE,
            |_, _| {
                deliver();
                ControlFlow::Continue
            },
        );
        source.attach(Some(&MainContext::default()));
        Home {
            rows: Mutex::default(),
            bell,
        }
    })
}

/// Calls everything that has come home, in one dispatch.
fn deliver() {
    let home = home();
    let mut number = [0; 8];
    let _ = rustix::io::read(&home.bell, &mut number);
    let rows = mem::take(&mut *home.rows.lock().unwrap_or_else(PoisonError::into_inner));
    for row in rows {
        let done = ROWS.with_borrow_mut(|all| all[row].take());
        if let Some(done) = done {
            done();
        }
    }
}

/// Sends `rows` home.
fn send(rows: impl IntoIterator<Item = usize>) {
    let home = home();
    let mut waiting = home.rows.lock().unwrap_or_else(PoisonError::into_inner);
    let ring = waiting.is_empty();
    waiting.extend(rows);
    drop(waiting);
    if ring {
        let _ = rustix::io::write(&home.bell, &1u64.to_ne_bytes());
    }
}

fn insert(done: Done) -> usize {
    home();
    ROWS.with_borrow_mut(|rows| {
        // Rows at the end are given out anew; in order, so that all are in the end.
        while rows.last().is_some_and(Option::is_none) {
            rows.pop();
        }
        rows.push(Some(done));
        rows.len() - 1
    })
}

fn queue() -> &'static Queue {
    QUEUE.get_or_init(|| {
        let queue = Arc::<Queue>::default();
        let served = queue.clone();
        thread::spawn(move || serve(&served));
        queue
    })
}

fn serve(queue: &Queue) {
    let mut jobs = queue.jobs.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let taken = mem::take(&mut *jobs);
        if taken.is_empty() {
            jobs = queue
                .filled
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        drop(jobs);
        let done = taken.into_iter().map(|(work, row)| {
            work();
            row
        });
        send(done.collect::<Vec<_>>());
        jobs = queue.jobs.lock().unwrap_or_else(PoisonError::into_inner);
    }
}

impl Spawn for Limit {
    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        let row = insert(Box::new(done));
        let queue = queue();
        let mut jobs = queue.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let wake = jobs.is_empty();
        jobs.push_back((Box::new(work), row));
        drop(jobs);
        if wake {
            queue.filled.notify_one();
        }
    }
}

impl Inline for Limit {
    /// A reference and the callback, in one allocation.
    type About<D: FnOnce(&SimpleAction) + 'static> = Box<(SimpleAction, D)>;

    #[inline]
    fn make_about<D: FnOnce(&SimpleAction) + 'static>(
        source: &SimpleAction,
        done: D,
    ) -> Self::About<D> {
        black_box(Box::new((source.clone(), done)))
    }

    #[inline]
    fn complete_here<D: FnOnce(&SimpleAction) + 'static>(task: Self::About<D>) {
        let (source, done) = *task;
        done(&source);
    }
}

impl Foreign for Limit {
    type Task = usize;

    fn make(done: impl FnOnce() + 'static) -> usize {
        insert(Box::new(done))
    }

    fn complete(task: usize) {
        send([task]);
    }
}
