//! `Builder::return_on_cancel(false)`, `GTask`'s default: the callback hears of a cancellation or a
//! timeout as the worker has returned.

use std::{num::NonZero, time::Duration};

use gio::prelude::*;
use qio_task::{Builder, Error, QioTask, Running};

use crate::common::{
    Dropped, Gate, Log, busy_worker, count, gate, iterate, iterate_until, on_context,
};

fn end(result: &Result<Dropped, Error>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::Cancelled) => "cancelled",
        Err(Error::TimedOut) => "timed out",
        Err(Error::Abandoned) => "abandoned",
        Err(_) => "other",
    }
}

/// One whose worker stands at a gate, and returns this value once it has been told.
fn told_at_a_gate(builder: Builder, value: Dropped) -> (Gate, Running, Log<&'static str>) {
    let ends = Log::new();
    let noted = ends.clone();
    let (gate, wait) = gate();
    let running = builder
        .return_on_cancel(false)
        .callback(move |result| noted.push(end(&result)))
        .run_in_thread(move |worker| {
            wait();
            assert!(worker.is_cancelled(), "it is told at once");
            assert!(worker.cancellable().is_cancelled());
            Ok(value)
        });
    gate.wait_for_arrival();
    (gate, running, ends)
}

fn ends_with(
    expected: &'static str,
    builder: Builder,
    attack: impl FnOnce(&glib::MainContext, &Running),
) {
    on_context(|context| {
        let (value, dropped) = Dropped::anywhere();
        let (gate, running, ends) = told_at_a_gate(builder, value);
        attack(context, &running);
        iterate(context);
        assert!(ends.is_empty(), "its worker has not returned");
        assert!(!running.is_finished());
        gate.open();
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [expected]);
        assert_eq!(count(&dropped), 1, "its result is not wanted");
        running.wait_for_worker();
    });
}

#[test]
fn a_cancelled_task_ends_when_its_worker_has_returned() {
    ends_with("cancelled", QioTask::builder(), |_, running| {
        running.cancel();
        running.cancel();
    });
}

#[test]
fn so_does_one_whose_cancellable_is_cancelled() {
    let cancellable = gio::Cancellable::new();
    let builder = QioTask::builder().cancellable(&cancellable);
    ends_with("cancelled", builder, |_, _| cancellable.cancel());
}

#[test]
fn so_does_one_that_has_timed_out() {
    let builder = QioTask::builder().timeout(Duration::from_millis(1));
    ends_with("timed out", builder, |context, running| {
        let end = std::time::Instant::now() + Duration::from_millis(20);
        iterate_until(context, || std::time::Instant::now() > end);
        running.cancel();
    });
}

#[test]
fn so_does_one_that_does_not_check_its_cancellable_as_it_succeeds() {
    let builder = QioTask::builder().check_cancellable(false);
    ends_with("cancelled", builder, |_, running| running.cancel());
}

#[test]
fn one_that_is_waited_for() {
    on_context(|_| {
        let (value, dropped) = Dropped::anywhere();
        let (gate, running, ends) = told_at_a_gate(QioTask::builder(), value);
        running.cancel();
        gate.open();
        running.wait();
        assert_eq!(ends.take(), ["cancelled"]);
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn one_that_waits_for_a_thread_ends_at_once() {
    let child = "return_on_cancel::one_that_waits_for_a_thread_ends_at_once";
    if !crate::common::is_child(child) {
        crate::common::in_child(child);
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (gate, _busy) = busy_worker();
        let ends = Log::new();
        let noted = ends.clone();
        let running = QioTask::builder()
            .return_on_cancel(false)
            .callback(move |result| noted.push(end(&result)))
            .run_in_thread(|_| panic!("it was cancelled before"));
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), ["cancelled"]);
        gate.open();
    });
}

/// One with a cancellable, whose end is noted.
fn with_cancellable() -> (QioTask<Dropped>, gio::Cancellable, Log<&'static str>) {
    let ends = Log::new();
    let noted = ends.clone();
    let cancellable = gio::Cancellable::new();
    let task = QioTask::builder()
        .return_on_cancel(false)
        .cancellable(&cancellable)
        .callback(move |result| noted.push(end(&result)));
    (task, cancellable, ends)
}

/// As with a `GTask`, whoever has it returns first.
#[test]
fn one_that_is_completed_by_hand() {
    let by_hand = |complete: fn(QioTask<Dropped>, Dropped)| {
        on_context(|context| {
            let (task, cancellable, ends) = with_cancellable();
            cancellable.cancel();
            iterate(context);
            assert!(ends.is_empty(), "nobody has completed it");
            assert!(task.is_cancelled());
            let (value, dropped) = Dropped::anywhere();
            complete(task, value);
            iterate_until(context, || !ends.is_empty());
            assert_eq!(ends.take(), ["cancelled"]);
            assert_eq!(count(&dropped), 1);
        });
    };
    by_hand(|task, value| task.complete(Ok(value)));
    by_hand(|task, value| task.complete_in_idle(Ok(value)));
    by_hand(|task, value| {
        std::thread::spawn(|| task.complete(Ok(value)))
            .join()
            .unwrap();
    });
    by_hand(|task, value| drop((task, value)));
    by_hand(|task, value| {
        task.run_in_thread(|_| {
            drop(value);
            panic!("it was cancelled before");
        });
    });
}

/// Nobody else would end it.
#[test]
fn one_that_the_loop_drives_ends_at_once() {
    on_context(|context| {
        for is_cancelled_before in [true, false] {
            let (task, cancellable, ends) = with_cancellable();
            if is_cancelled_before {
                cancellable.cancel();
            }
            let _watch = task.poll_every(Duration::from_hours(1), || {
                std::ops::ControlFlow::Break(Err(glib::Error::new(glib::FileError::Failed, "")))
            });
            cancellable.cancel();
            iterate(context);
            assert_eq!(ends.take(), ["cancelled"]);
        }
    });
}

#[test]
fn without_a_cancellation_nothing_differs() {
    on_context(|context| {
        let ends = Log::new();
        let noted = ends.clone();
        let (value, _) = Dropped::anywhere();
        let running = QioTask::builder()
            .return_on_cancel(false)
            .callback(move |result| noted.push(end(&result)))
            .run_in_thread(|_| Ok(value));
        running.wait_for_worker();
        // A success gives way until it is delivered.
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), ["cancelled"]);
    });
}
