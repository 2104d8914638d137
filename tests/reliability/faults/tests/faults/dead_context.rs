//! A context dies with deliveries queued: none, one and many, on its own
//! thread, and as another thread drops the last reference.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc,
    },
    thread::{self, ThreadId},
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{Error, Progress, QioTask};

use crate::common::{PATIENCE, fatal_warnings, passes_in_child, use_the_library};

/// Counts those that live, and ends the process when one is dropped elsewhere.
struct Kept(Arc<AtomicUsize>, Option<ThreadId>);

impl Kept {
    fn here(alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, SeqCst);
        Self(alive.clone(), Some(thread::current().id()))
    }

    /// One that is dropped wherever it is not wanted any more.
    fn anywhere(alive: &Arc<AtomicUsize>) -> Self {
        Self(alive.clone(), None)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let here = thread::current().id();
        if self.1.is_some_and(|home| home != here) {
            eprintln!("dropped away from home");
            std::process::abort();
        }
        // The others come and go: some are dropped by who has made them.
        if self.1.is_some() {
            self.0.fetch_sub(1, SeqCst);
        }
    }
}

/// Makes `tasks` tasks whose deliveries wait, of every kind. Returns when all
/// workers have returned.
fn queue(tasks: usize, alive: &Arc<AtomicUsize>) {
    let (returned, has_returned) = mpsc::channel();
    let cancellable = gio::Cancellable::new();
    let mut workers = 0;
    for number in 0..tasks {
        let captured = Kept::here(alive);
        let result = match number % 7 {
            2 | 5 | 6 => Kept::anywhere(alive),
            _ => Kept::here(alive),
        };
        let builder = QioTask::builder();
        let builder = match number % 2 {
            0 => builder,
            _ => builder.name("named").cancellable(&cancellable),
        };
        let task = builder.callback(move |_: Result<Kept, Error>| {
            let _captured = captured;
            eprintln!("what a dead context can't deliver is not called");
            std::process::abort();
        });
        match number % 7 {
            0 | 1 => task.complete_in_idle(Ok(result)),
            2 => thread::spawn(move || task.complete(Ok(result)))
                .join()
                .unwrap(),
            3 => drop((task, result)),
            4 => {
                let progress = Progress::new(|_: usize| std::process::abort());
                progress.report(number);
                task.complete_in_idle(Ok(result));
            }
            _ => {
                workers += 1;
                let returned = returned.clone();
                task.run_in_thread(move |_| {
                    returned.send(()).unwrap();
                    Ok(result)
                });
            }
        }
    }
    for _ in 0..workers {
        has_returned.recv_timeout(PATIENCE).unwrap();
    }
    cancellable.cancel();
}

fn queued_on(tasks: usize, alive: &Arc<AtomicUsize>) -> MainContext {
    fatal_warnings();
    let context = MainContext::new();
    context.with_thread_default(|| queue(tasks, alive)).unwrap();
    context
}

const COUNTS: [usize; 4] = [0, 1, 7, 10_000];

#[test]
fn on_its_own_thread() {
    for tasks in COUNTS {
        let alive = Arc::default();
        drop(queued_on(tasks, &alive));
        // But for results that were not queued yet as the context died.
        while alive.load(SeqCst) > 0 {
            use_the_library();
            thread::yield_now();
        }
    }
}

#[test]
fn by_the_last_reference_on_another_thread() {
    for tasks in COUNTS {
        let alive = Arc::default();
        let context = queued_on(tasks, &alive);
        let before = alive.load(SeqCst);
        thread::spawn(move || drop(context)).join().unwrap();
        assert_eq!(alive.load(SeqCst), before, "nothing is dropped there");
        while alive.load(SeqCst) > 0 {
            use_the_library();
            thread::yield_now();
        }
    }
}

#[test]
fn what_it_has_opened_is_closed() {
    if passes_in_child("dead_context::what_it_has_opened_is_closed") {
        return;
    }
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    use_the_library();
    let before = descriptors();
    for round in 0..20 {
        let alive = Arc::default();
        let context = queued_on(round, &alive);
        if round % 2 == 0 {
            drop(context);
        } else {
            thread::spawn(move || drop(context)).join().unwrap();
        }
        while alive.load(SeqCst) > 0 {
            use_the_library();
            thread::yield_now();
        }
    }
    // A worker may still be letting go of the last.
    while descriptors() > before {
        use_the_library();
        thread::yield_now();
    }
}
