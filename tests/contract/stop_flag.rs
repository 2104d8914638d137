//! `Worker::stop_flag`: for code that takes a flag of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use gio::prelude::*;
use qio_task::{Builder, Error, QioTask, Running};

use crate::common::{Gate, PATIENCE, gate, on_context, use_the_library};

/// A worker that stands at a gate, and its flag, which it asks for twice.
fn at_a_gate(builder: Builder) -> (Gate, Running, Arc<AtomicBool>) {
    let (sender, flag) = mpsc::channel();
    let (gate, wait) = gate();
    let running = builder
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(move |worker| {
            let flag = worker.stop_flag();
            assert!(Arc::ptr_eq(&flag, &worker.stop_flag()));
            sender.send(flag).unwrap();
            wait();
            assert_eq!(
                worker.is_cancelled(),
                worker.stop_flag().load(Ordering::SeqCst)
            );
            Ok(())
        });
    gate.wait_for_arrival();
    (gate, running, flag.recv_timeout(PATIENCE).unwrap())
}

fn is_up(flag: &AtomicBool) -> bool {
    flag.load(Ordering::SeqCst)
}

#[test]
fn it_is_true_for_good_once_the_task_has_ended() {
    on_context(|_| {
        let (gate, running, flag) = at_a_gate(QioTask::builder());
        assert!(!is_up(&flag));
        gate.open();
        running.wait();
        assert!(is_up(&flag), "the worker has returned");
    });
}

#[test]
fn it_is_true_at_once_as_the_task_is_cancelled() {
    on_context(|_| {
        for builder in [
            QioTask::builder(),
            QioTask::builder().return_on_cancel(false),
        ] {
            let (gate, running, flag) = at_a_gate(builder);
            running.cancel();
            assert!(is_up(&flag));
            gate.open();
            running.wait();
        }
    });
}

#[test]
fn it_is_true_where_it_is_asked_for_too_late() {
    on_context(|_| {
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |worker| {
                wait();
                assert!(is_up(&worker.stop_flag()));
                Ok(())
            });
        gate.wait_for_arrival();
        running.cancel();
        gate.open();
        running.wait_for_worker();
    });
}

#[test]
fn it_is_true_as_the_context_dies() {
    let context = glib::MainContext::new();
    let (gate, running, flag) = context
        .with_thread_default(|| at_a_gate(QioTask::builder()))
        .unwrap();
    drop((running, context));
    assert!(is_up(&flag));
    gate.open();
}

/// The task's thread does not know yet, which alone ends the task.
#[test]
fn it_is_true_where_it_is_asked_for_after_the_context_has_died_elsewhere() {
    let context = glib::MainContext::new();
    let (gate, wait) = gate();
    let (sender, seen) = mpsc::channel();
    context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(|_: Result<(), Error>| panic!("its context is dead"))
                .run_in_thread(move |worker| {
                    wait();
                    let is_cancelled = worker.cancellable().is_cancelled();
                    sender
                        .send((is_cancelled, is_up(&worker.stop_flag())))
                        .unwrap();
                    Ok(())
                });
        })
        .unwrap();
    gate.wait_for_arrival();
    thread::spawn(move || drop(context)).join().unwrap();
    gate.open();
    assert_eq!(seen.recv_timeout(PATIENCE), Ok((true, true)));
    use_the_library();
}

#[test]
fn a_panic_raises_it_too() {
    on_context(|_| {
        let (sender, flag) = mpsc::channel();
        QioTask::builder()
            .callback(|result: Result<(), Error>| {
                assert!(matches!(result, Err(Error::Panicked(_))));
            })
            .run_in_thread(move |worker| {
                sender.send(worker.stop_flag()).unwrap();
                panic!("it panics");
            })
            .wait();
        assert!(is_up(&flag.recv().unwrap()));
    });
}
