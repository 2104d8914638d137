//! A thread ends while tasks that it has made wait for their results. They can
//! neither be called nor dropped any more: they are leaked, with one warning.

use std::{
    cell::Cell,
    ops::ControlFlow,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::AtomicUsize,
        mpsc::{self, Sender},
    },
    task::{Context, Wake, Waker},
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{Error, Progress, QioTask};

use crate::common::{
    Dropped, Gate, count, gate, in_child, is_child, iterate, on_context, wait_until,
};

/// A task that was sent away, and what it captures.
type Sent = (QioTask<()>, Arc<AtomicUsize>);

fn task(cancellable: &gio::Cancellable, named: bool) -> Sent {
    let (captured, dropped) = Dropped::here();
    let builder = QioTask::builder();
    let builder = if named {
        let builder = builder.name("named").cancellable(cancellable);
        builder.timeout(Duration::from_hours(1))
    } else {
        builder
    };
    let task = builder.callback(move |_: Result<(), Error>| drop(captured));
    (task, dropped)
}

/// What `in_child` has printed: it has passed, with `warnings` of ours.
#[track_caller]
fn warned(test: &str, warnings: &[&str]) {
    let output = in_child(test);
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    for warning in warnings {
        assert!(said.contains(warning), "{warning}: {said}");
    }
    let seen = said.matches("qio-task-WARNING").count();
    assert_eq!(seen, warnings.len(), "{said}");
    assert!(!said.contains("CRITICAL"), "{said}");
}

const ALL: &str = "ended_thread::with_tasks_that_others_end";

#[test]
fn with_tasks_that_others_end() {
    if !is_child(ALL) {
        return warned(
            ALL,
            &["a thread ended while 27 callback(s) waited on it; they are leaked"],
        );
    }
    let context = MainContext::new();
    let cancellable = gio::Cancellable::new();
    let (sender, sent) = mpsc::channel::<Sent>();
    let (progress, gates) = thread::spawn({
        let (context, cancellable) = (context.clone(), cancellable.clone());
        move || {
            context
                .with_thread_default(|| make_many(&cancellable, &sender))
                .unwrap()
        }
    })
    .join()
    .unwrap();
    let sent: Vec<Sent> = sent.iter().collect();
    assert_eq!(sent.len(), 20);
    let mut counters = Vec::new();
    for (number, (task, dropped)) in sent.into_iter().enumerate() {
        counters.push(dropped);
        match number % 5 {
            0 => task.complete(Ok(())),
            1 => task.complete_in_idle(Ok(())),
            2 => drop(task),
            3 => {
                // Nobody will ever call back: not one who waits is left to wait.
                let running = task.run_in_thread(|_| Ok(()));
                running.wait();
            }
            _ => drop(thread::spawn(move || task.complete(Ok(()))).join()),
        }
    }
    cancellable.cancel();
    progress.report(1);
    for (gate, dropped) in gates {
        gate.open();
        counters.push(dropped);
    }
    drop(progress);
    iterate(&context);
    drop(context);
    assert!(
        counters.iter().all(|dropped| count(dropped) == 0),
        "neither called nor dropped"
    );
    // This thread is none the worse.
    on_context(|_| {
        let (captured, dropped) = Dropped::here();
        QioTask::builder()
            .callback(move |_: Result<(), Error>| drop(captured))
            .run_in_thread(|_| Ok(()))
            .wait();
        assert_eq!(count(&dropped), 1);
    });
}

type Gates = Vec<(Gate, Arc<AtomicUsize>)>;

fn make_many(cancellable: &gio::Cancellable, sender: &Sender<Sent>) -> (Progress<u32>, Gates) {
    for number in 0..20 {
        sender.send(task(cancellable, number % 2 == 1)).unwrap();
    }
    let mut gates = Vec::new();
    for number in 0..7 {
        let (task, dropped) = task(cancellable, number % 2 == 1);
        let (gate, wait) = gate();
        task.run_in_thread(move |_| {
            wait();
            Ok(())
        });
        gate.wait_for_arrival();
        gates.push((gate, dropped));
    }
    (Progress::new(|_| panic!("its thread is gone")), gates)
}

const OWNED: &str = "ended_thread::with_a_task_that_progress_of_another_one_belongs_to";

#[test]
fn with_a_task_that_progress_of_another_one_belongs_to() {
    if !is_child(OWNED) {
        return warned(
            OWNED,
            &["a thread ended while 1 callback(s) waited on it; they are leaked"],
        );
    }
    let (context, ended) = (MainContext::new(), MainContext::new());
    let told = Rc::new(Cell::new(0));
    let progress = context
        .with_thread_default(|| {
            let told = told.clone();
            Progress::with_interval(Duration::ZERO, move |value| told.set(value))
        })
        .unwrap();
    let task = thread::spawn({
        let (progress, ended) = (progress.clone(), ended.clone());
        move || {
            let builder = QioTask::builder().progress(&progress);
            ended
                .with_thread_default(|| builder.callback(|_: Result<(), Error>| {}))
                .unwrap()
        }
    })
    .join()
    .unwrap();
    // A worker thread lets go of what the other one has left.
    wait_until(|| {
        let last = told.get();
        progress.report(last + 1);
        iterate(&context);
        told.get() == last
    });
    drop(task);
}

const DRIVEN: &str = "ended_thread::with_a_task_that_its_loop_drives";

#[test]
fn with_a_task_that_its_loop_drives() {
    if !is_child(DRIVEN) {
        return warned(
            DRIVEN,
            &[
                "a thread ended while 1 callback(s) waited on it; they are leaked",
                "a main context died on another thread than a task's own; the task is leaked",
            ],
        );
    }
    let context = MainContext::new();
    let dropped = thread::spawn({
        let context = context.clone();
        move || {
            let make = || {
                let (task, dropped) = task(&gio::Cancellable::new(), false);
                let (captured, captured_dropped) = Dropped::here();
                task.poll_every(Duration::from_millis(1), move || {
                    let _ = &captured;
                    ControlFlow::Break(Ok(()))
                });
                [dropped, captured_dropped]
            };
            context.with_thread_default(make).unwrap()
        }
    })
    .join()
    .unwrap();
    thread::sleep(Duration::from_millis(2));
    iterate(&context);
    drop(context);
    assert!(dropped.iter().all(|dropped| count(dropped) == 0));
}

const RACE: &str = "ended_thread::while_others_end_its_tasks";

#[test]
fn while_others_end_its_tasks() {
    if !is_child(RACE) {
        let output = in_child(RACE);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(!said.contains("CRITICAL"), "{said}");
        return;
    }
    for round in 0..300 {
        let (sender, sent) = mpsc::channel::<Sent>();
        let cancellable = gio::Cancellable::new();
        let creator = thread::spawn({
            let cancellable = cancellable.clone();
            move || {
                let context = MainContext::new();
                let make = || {
                    for number in 0..12 {
                        let (task, dropped) = task(&cancellable, number % 2 == 1);
                        if number % 3 == 0 {
                            task.run_in_thread(|_| Ok(()));
                        } else {
                            sender.send((task, dropped)).unwrap();
                        }
                    }
                };
                context.with_thread_default(make).unwrap();
            }
        });
        for (number, (task, _)) in sent.iter().enumerate() {
            match (number + round) % 4 {
                0 => drop(task),
                1 => task.complete(Ok(())),
                2 => drop(task.run_in_thread(|_| Ok(()))),
                _ => cancellable.cancel(),
            }
        }
        creator.join().unwrap();
    }
}

const WAKER: &str = "ended_thread::with_a_waker_that_completes_another_of_its_tasks";

/// Completes a task as it wakes.
struct Completes(Mutex<Option<QioTask<()>>>);

impl Wake for Completes {
    fn wake(self: Arc<Self>) {
        let task = self.0.lock().unwrap().take();
        task.unwrap().complete(Ok(()));
    }
}

#[test]
fn with_a_waker_that_completes_another_of_its_tasks() {
    if !is_child(WAKER) {
        return warned(
            WAKER,
            &["a thread ended while 3 callback(s) waited on it; they are leaked"],
        );
    }
    let ended = thread::spawn(|| {
        let make = || QioTask::builder().callback(|_: Result<(), Error>| panic!("it is leaked"));
        let (first, mut future) = QioTask::builder().future::<(), glib::Error>();
        let waker = Arc::new(Completes(Mutex::new(Some(make()))));
        let waker = Waker::from(waker);
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        (first, future, make())
    })
    .join()
    .unwrap();
    drop(ended);
}

const CONTEXTS: &str = "ended_thread::whose_contexts_die_later";

#[test]
fn whose_contexts_die_later() {
    const THREADS: usize = 20;
    if !is_child(CONTEXTS) {
        let warning = "a thread ended while 2 callback(s) waited on it; they are leaked";
        return warned(CONTEXTS, &[warning; THREADS]);
    }
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    for _ in 0..THREADS {
        let context = MainContext::new();
        let make = {
            let context = context.clone();
            move || {
                let make = || {
                    let cancellable = gio::Cancellable::new();
                    // One with a cancellable and a timer, and one with neither.
                    for named in [true, false] {
                        let (task, _) = task(&cancellable, named);
                        task.run_in_thread(|_| Ok(()));
                    }
                };
                context.with_thread_default(make).unwrap();
            }
        };
        thread::spawn(make).join().unwrap();
        drop(context);
    }
    // A leaked GTask keeps its thread's private context, which has a descriptor, too.
    let left = if cfg!(feature = "gtask") { THREADS } else { 0 };
    let start = std::time::Instant::now();
    while descriptors() >= before + left + THREADS {
        assert!(start.elapsed() < Duration::from_secs(10), "they have gone");
        thread::yield_now();
    }
}

const IN_A_GROUP: &str = "ended_thread::with_a_task_in_a_group";

/// Its callback never is called, and the group does not wait for it.
#[test]
fn with_a_task_in_a_group() {
    if !is_child(IN_A_GROUP) {
        return warned(
            IN_A_GROUP,
            &["a thread ended while 1 callback(s) waited on it; they are leaked"],
        );
    }
    let group = qio_task::Group::new();
    let shared = group.clone();
    thread::spawn(move || {
        let context = MainContext::new();
        let task = context.with_thread_default(|| {
            let builder = QioTask::builder().group(&shared);
            builder.callback(|_: Result<(), Error>| {})
        });
        std::mem::forget((task.unwrap(), context));
    })
    .join()
    .unwrap();
    assert!(MainContext::new().block_on(group.ended()).is_ok());
}
