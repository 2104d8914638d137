//! Rule 7: `Worker::commit` is the point of no return.

use std::{sync::mpsc, time::Duration};

use gio::prelude::*;
use qio_task::{Builder, Cancelled, Error, QioTask, Running, Worker};

use crate::common::{Gate, Log, PATIENCE, gate, iterate_until, on_context};

type Ends = Log<Result<u32, Error>>;

/// A task whose worker stands at a gate before it commits, and at another one after that. It
/// sends what the first call of `commit` has said.
fn committing(
    builder: Builder,
) -> (
    Gate,
    Gate,
    mpsc::Receiver<Result<(), Cancelled>>,
    Running,
    Ends,
) {
    let ends = Ends::new();
    let noted = ends.clone();
    let (before, wait_before) = gate();
    let (after, wait_after) = gate();
    let (sender, said) = mpsc::channel();
    let running = builder
        .callback(move |result| noted.push(result))
        .run_in_thread(move |worker: &Worker| {
            wait_before();
            let committed = worker.commit();
            sender.send(committed).unwrap();
            wait_after();
            committed?;
            assert!(!worker.is_cancelled(), "nobody cancels it any more");
            assert!(!worker.cancellable().is_cancelled());
            worker.commit().expect("it is");
            Ok(7)
        });
    before.wait_for_arrival();
    (before, after, said, running, ends)
}

fn succeeds(builder: Builder, attack: impl FnOnce(&Running)) {
    on_context(|context| {
        let (before, after, said, running, ends) = committing(builder);
        before.open();
        assert_eq!(said.recv().unwrap(), Ok(()));
        attack(&running);
        assert!(ends.is_empty());
        after.open();
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Ok(7)]));
    });
}

fn fails(builder: Builder, attack: impl FnOnce(&Running)) {
    on_context(|context| {
        let (before, after, said, running, ends) = committing(builder);
        attack(&running);
        before.open();
        assert_eq!(said.recv().unwrap(), Err(Cancelled));
        after.open();
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Err(_)]));
        running.wait_for_worker();
    });
}

#[test]
fn a_handle_does_not_cancel_what_is_committed() {
    succeeds(QioTask::builder(), |running| running.cancel());
    fails(QioTask::builder(), |running| running.cancel());
}

#[test]
fn nor_does_its_cancellable() {
    for attack in [succeeds, fails] as [fn(Builder, _); 2] {
        let cancellable = gio::Cancellable::new();
        let builder = QioTask::builder().cancellable(&cancellable);
        attack(builder, move |_: &Running| {
            cancellable.cancel();
        });
    }
}

/// It asks the cancellable itself: an earlier handler of the signal holds up the task's own.
#[test]
fn a_cancellation_that_has_not_come_through_yet() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let (in_handler, wait_in_handler) = gate();
        let wait = std::sync::Mutex::new(Some(wait_in_handler));
        cancellable.connect_cancelled(move |_| {
            if let Some(wait) = wait.lock().unwrap().take() {
                wait();
            }
        });
        let builder = QioTask::builder().cancellable(&cancellable);
        let (before, after, said, running, ends) = committing(builder);
        let cancels = std::thread::spawn(move || cancellable.cancel());
        in_handler.wait_for_arrival();
        before.open();
        assert_eq!(said.recv().unwrap(), Err(Cancelled));
        in_handler.open();
        after.open();
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
        cancels.join().unwrap();
        running.wait_for_worker();
    });
}

/// Nobody iterates the loop, so no source has found it. (That a timeout comes too late is a test of
/// the faults', on a clock that jumps.)
#[test]
fn a_timeout_that_no_loop_has_found() {
    let soon = QioTask::builder().timeout(Duration::from_millis(1));
    fails(soon, |_| std::thread::sleep(Duration::from_millis(5)));
}

#[test]
fn it_is_kept_as_it_waits_for_the_loop() {
    on_context(|context| {
        let (before, after, _said, running, ends) = committing(QioTask::builder());
        before.open();
        after.open();
        running.wait_for_worker();
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Ok(7)]));
    });
}

#[test]
fn its_errors_and_panics_are_delivered() {
    on_context(|context| {
        let run = |fails: bool| {
            let ends = Ends::new();
            let noted = ends.clone();
            let (gate, wait) = gate();
            let running = QioTask::builder()
                .callback(move |result| noted.push(result))
                .run_in_thread(move |worker| {
                    worker.commit()?;
                    wait();
                    assert!(fails, "it panics");
                    Err(Cancelled.into())
                });
            gate.wait_for_arrival();
            running.cancel();
            gate.open();
            iterate_until(context, || !ends.is_empty());
            ends.take().remove(0).unwrap_err()
        };
        assert!(matches!(run(true), Error::Failed(_)));
        assert!(matches!(run(false), Error::Panicked(_)));
    });
}

/// Whose own handler is not called before that one has returned.
#[test]
fn nor_one_whose_cancellable_calls_another_handler_just_now() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let (gate, wait) = gate();
        let (sender, said) = mpsc::channel();
        cancellable.connect_cancelled(move |_| {
            gate.open();
            assert_eq!(said.recv_timeout(PATIENCE), Ok(Err(Cancelled)));
        });
        let ends = Ends::new();
        let noted = ends.clone();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result| noted.push(result))
            .run_in_thread(move |worker| {
                wait();
                sender.send(worker.commit()).unwrap();
                Ok(7)
            });
        cancellable.cancel();
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
    });
}

/// What can't be delivered ends all the same.
#[test]
fn a_context_that_dies_drops_the_callback() {
    let context = glib::MainContext::new();
    let (before, after, said, running, ends) = context
        .with_thread_default(|| committing(QioTask::builder()))
        .unwrap();
    before.open();
    assert_eq!(said.recv().unwrap(), Ok(()));
    drop(running);
    drop(context);
    after.open();
    assert!(ends.is_empty());
}
