//! What a task and its handles say of themselves, and where.

use std::{ops::ControlFlow, sync::mpsc, thread, time::Duration};

use gio::prelude::*;
use qio_task::{Cancelled, Error, Progress, QioTask};

use crate::common::{PATIENCE, gate, iterate, on_context};

#[test]
fn a_task_tells_what_it_was_given() {
    on_context(|_| {
        let source = gio::SimpleAction::new("source", None);
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .name("lookup")
            .priority(glib::Priority::HIGH_IDLE)
            .cancellable(&cancellable)
            .source(&source)
            .callback(|_, _: Result<(), Error>| {});
        assert_eq!(task.name(), Some("lookup"));
        assert_eq!(task.priority(), glib::Priority::HIGH_IDLE);
        assert_eq!(task.cancellable().as_ref(), Some(&cancellable));
        assert_eq!(task.source().as_ref(), Some(source.upcast_ref()));
        assert!(!task.is_cancelled());
        cancellable.cancel();
        assert!(task.is_cancelled());
        task.complete(Ok(()));
    });
}

#[test]
fn objects_are_not_told_on_another_thread() {
    on_context(|_| {
        let source = gio::SimpleAction::new("source", None);
        let task = QioTask::builder()
            .name("lookup")
            .cancellable(&gio::Cancellable::new())
            .source(&source)
            .callback(|_, _: Result<(), Error>| {});
        thread::spawn(move || {
            assert!(task.source().is_none());
            assert!(task.cancellable().is_none());
            assert_eq!(task.name(), Some("lookup"), "what is no object is told");
        })
        .join()
        .unwrap();
    });
}

#[test]
fn a_task_that_was_given_nothing_has_nothing() {
    on_context(|_| {
        let task = QioTask::builder().callback(|_: Result<(), Error>| {});
        assert_eq!(task.name(), None);
        assert_eq!(task.priority(), glib::Priority::DEFAULT_IDLE);
        assert!(task.cancellable().is_none());
        assert!(task.source().is_none());
        assert!(!task.is_cancelled());
    });
}

#[test]
fn a_cancellable_is_told_until_the_task_has_ended() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(|_: Result<(), Error>| {});
        cancellable.cancel();
        iterate(context);
        assert!(task.cancellable().is_none());
        assert!(task.source().is_none());
    });
}

#[test]
fn a_worker_tells_its_name_and_whether_it_is_wanted() {
    on_context(|_| {
        let (gate, wait) = gate();
        let (sender, told) = mpsc::channel();
        let running = QioTask::builder()
            .name("lookup")
            .callback(|result: Result<(), Error>| assert!(result.is_err()))
            .run_in_thread(move |worker| {
                let tell = || {
                    let is_stopped = worker.cancellable().is_cancelled();
                    let told = (worker.check_cancelled(), is_stopped, format!("{worker:?}"));
                    sender.send(told).unwrap();
                };
                assert_eq!(worker.name(), Some("lookup"));
                tell();
                wait();
                tell();
                Ok(())
            });
        gate.wait_for_arrival();
        running.cancel();
        gate.open();
        running.wait();
        let (checked, is_stopped, printed) = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!((checked, is_stopped), (Ok(()), false));
        assert!(printed.contains("lookup") && printed.contains("is_cancelled: false"));
        let (checked, is_stopped, printed) = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!((checked, is_stopped), (Err(Cancelled), true));
        assert!(printed.contains("is_cancelled: true"));
    });
}

#[test]
fn a_cancellable_that_a_worker_asks_for_too_late_is_cancelled() {
    on_context(|_| {
        let (gate, wait) = gate();
        let (sender, told) = mpsc::channel();
        let running = QioTask::builder()
            .callback(|result: Result<(), Error>| assert!(result.is_err()))
            .run_in_thread(move |worker| {
                wait();
                sender.send(worker.cancellable().is_cancelled()).unwrap();
                Ok(())
            });
        gate.wait_for_arrival();
        running.cancel();
        gate.open();
        running.wait();
        assert_eq!(told.recv_timeout(PATIENCE), Ok(true));
    });
}

#[test]
fn everything_prints_its_name() {
    on_context(|context| {
        let builder = QioTask::builder().name("lookup");
        let printed = format!("{builder:?}");
        assert!(printed.contains("lookup"), "{printed}");
        let task = builder.callback(|result: Result<(), Error>| result.unwrap());
        let printed = format!("{task:?}");
        assert!(
            printed.contains("lookup") && printed.contains("QioTask"),
            "{printed}"
        );
        let running = task.run_in_thread(|worker| {
            let printed = format!("{worker:?}");
            assert!(printed.contains("lookup"), "{printed}");
            Ok(())
        });
        let printed = format!("{running:?}");
        assert!(
            printed.contains("lookup") && printed.contains("is_finished"),
            "{printed}"
        );
        running.wait();

        let (task, future) = QioTask::builder()
            .name("awaited")
            .future::<(), glib::Error>();
        let printed = format!("{future:?}");
        assert!(printed.contains("awaited") && printed.contains("is_terminated: false"));
        let watch = task.poll_every(Duration::from_millis(1), || ControlFlow::Break(Ok(())));
        let printed = format!("{watch:?}");
        assert!(printed.contains("awaited") && printed.contains("is_finished: false"));
        context.block_on(future).unwrap();
        let printed = format!("{watch:?}");
        assert!(printed.contains("is_finished: true"), "{printed}");
        assert!(watch.is_finished());

        let progress = Progress::new(|_: u32| {});
        assert!(format!("{progress:?}").contains("Progress"));
    });
}
