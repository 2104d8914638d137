//! A source of the library that its user destroys: as with a context that dies.

use std::{cell::Cell, rc::Rc, sync::mpsc, thread, time::Duration};

use glib::MainContext;
use qio_task::{Error, QioTask};

use super::never;
use crate::common::{Dropped, Log, PATIENCE, count, iterate, iterate_until, on_context};

/// Destroys the source that the library has on `context`, from a callback.
fn destroy_source(context: &MainContext) {
    QioTask::builder()
        .callback(|_: Result<(), Error>| glib::main_current_source().unwrap().destroy())
        .complete_in_idle(Ok(()));
    iterate(context);
}

#[test]
fn a_source_of_the_library_that_is_destroyed_drops_what_waits_for_it() {
    let (captured, dropped) = Dropped::here();
    on_context(|context| {
        let waiting = QioTask::builder().callback(never::<()>(captured));
        destroy_source(context);
        assert_eq!(count(&dropped), 1);
        waiting.complete(Ok(()));
        // The context lives, and so do the tasks that are made from now on.
        let log = Log::new();
        let ends = log.clone();
        QioTask::builder()
            .callback(move |result: Result<u32, Error>| ends.push(result.unwrap()))
            .run_in_thread(|_| Ok(1));
        iterate_until(context, || !log.is_empty());
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn a_task_that_was_dropped_with_its_source_has_ended() {
    on_context(|context| {
        let held = QioTask::builder().callback(|_: Result<(), Error>| unreachable!("dropped"));
        destroy_source(context);
        let (captured, dropped) = Dropped::anywhere();
        let other = thread::spawn(move || {
            let running = held.run_in_thread(move |_| {
                drop(captured);
                unreachable!("it never runs")
            });
            assert!(running.is_finished());
            running.wait();
        });
        other.join().unwrap();
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn a_result_is_dropped_with_its_source_though_a_task_of_its_types_is_held() {
    on_context(|context| {
        let (value, dropped) = Dropped::here();
        let make = || QioTask::builder().callback(|_: Result<Dropped, Error>| unreachable!());
        let held = make();
        QioTask::builder()
            .callback(|_: Result<(), Error>| {
                glib::main_current_source().unwrap().destroy();
                // Then this dispatch gives way.
                thread::sleep(Duration::from_millis(10));
            })
            .complete_in_idle(Ok(()));
        make().complete_in_idle(Ok(value));
        iterate(context);
        assert_eq!(count(&dropped), 1);
        drop(held);
    });
}

#[test]
fn what_waits_at_another_priority_is_dropped_with_the_source_too() {
    let (captured, dropped) = Dropped::here();
    on_context(|context| {
        QioTask::builder()
            .priority(glib::Priority::LOW)
            .callback(never::<()>(captured))
            .complete_in_idle(Ok(()));
        destroy_source(context);
        assert_eq!(count(&dropped), 1);
        // Its source ends by itself, and others at that priority come.
        let ends = Log::new();
        let log = ends.clone();
        QioTask::builder()
            .priority(glib::Priority::LOW)
            .callback(move |result: Result<u32, Error>| log.push(result.unwrap()))
            .complete_in_idle(Ok(1));
        iterate(context);
        assert_eq!(ends.take(), [1]);
    });
}

#[test]
fn a_result_for_a_task_that_was_dropped_with_its_source_is_dropped_at_once() {
    on_context(|context| {
        let task = QioTask::builder().callback(|_: Result<Dropped, Error>| unreachable!());
        destroy_source(context);
        let (value, dropped) = Dropped::anywhere();
        let other = thread::spawn(move || {
            task.complete(Ok(value));
            count(&dropped)
        });
        assert_eq!(other.join().unwrap(), 1);
    });
}

/// Completes a task as it is dropped.
struct Completes(Rc<Cell<Option<QioTask<()>>>>);

impl Drop for Completes {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.complete(Ok(()));
        }
    }
}

#[test]
fn a_destructor_completes_another_task_that_is_dropped_with_the_source() {
    for completes_the_later in [true, false] {
        let (captured, dropped) = Dropped::here();
        on_context(|context| {
            let held = Rc::new(Cell::new(None));
            let completes = Completes(held.clone());
            let make = |captured| QioTask::builder().callback(never::<()>(captured));
            let completing =
                move || QioTask::builder().callback(move |_: Result<(), Error>| drop(completes));
            let first = if completes_the_later {
                let first = completing();
                held.set(Some(make(captured)));
                first
            } else {
                held.set(Some(make(captured)));
                completing()
            };
            destroy_source(context);
            assert_eq!(count(&dropped), 1);
            assert!(held.take().is_none(), "it was completed");
            drop(first);
        });
        assert_eq!(count(&dropped), 1);
    }
}

/// Hands a task to a worker as it is dropped.
struct Starts(Rc<Cell<Option<QioTask<()>>>>, mpsc::Sender<()>);

impl Drop for Starts {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            let ran = self.1.clone();
            let running = task.run_in_thread(move |_| {
                let _ = ran.send(());
                Ok(())
            });
            running.wait();
        }
    }
}

#[test]
fn a_destructor_hands_another_task_that_was_dropped_with_the_source_to_no_worker() {
    on_context(|context| {
        let held = Rc::new(Cell::new(None));
        held.set(Some(
            QioTask::builder().callback(|_: Result<(), Error>| unreachable!("dropped")),
        ));
        let (ran, has_run) = mpsc::channel();
        let starts = Starts(held.clone(), ran);
        let starting = QioTask::builder().callback(move |_: Result<(), Error>| drop(starts));
        destroy_source(context);
        assert!(held.take().is_none(), "it was handed over");
        // What has a sender is the function of the worker, which is dropped at once.
        let end = has_run.recv_timeout(PATIENCE);
        assert_eq!(end, Err(mpsc::RecvTimeoutError::Disconnected));
        drop(starting);
    });
}
