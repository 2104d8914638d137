//! What a task and its handles say of themselves, and where.

use std::{error::Error as _, fmt, ops::ControlFlow, sync::mpsc, thread, time::Duration};

use futures::future::FusedFuture;
use gio::prelude::*;
use qio_task::{Cancelled, Error, Group, Latest, Messages, Progress, QioTask, TrySendError};

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

#[test]
fn everything_that_tasks_are_put_in_prints_how_it_stands() {
    #[track_caller]
    fn assert_prints(what: &dyn fmt::Debug, words: &[&str]) {
        let printed = format!("{what:?}");
        let is_missing = |word: &&&str| !printed.contains(**word);
        assert_eq!(words.iter().find(is_missing), None, "{printed}");
    }

    struct Silent;

    on_context(|context| {
        let (group, latest) = (Group::new(), Latest::new());
        group.set_name("thumbnails");
        let builder = QioTask::builder().name("one").group(&group).latest(&latest);
        let running = builder
            .callback(|result: Result<(), Error>| assert!(result.is_err()))
            .run_in_thread(|_| Err(glib::Error::new(gio::IOErrorEnum::NotFound, "gone")));
        assert_prints(&group, &["thumbnails", "len: 1", "is_closed: false"]);
        assert_prints(&latest, &["Latest", "is_pending: true"]);
        let (mut worker_ended, mut ended) = (running.worker_ended(), group.ended());
        assert_prints(&worker_ended, &["one", "has_ended: false"]);
        assert_prints(&ended, &["GroupEnded", "has_ended: false"]);
        assert!(!worker_ended.is_terminated() && !ended.is_terminated());
        running.wait();
        context.block_on(&mut worker_ended);
        let error = context.block_on(&mut ended).unwrap_err();
        assert_prints(&worker_ended, &["has_ended: true"]);
        assert_prints(&ended, &["has_ended: true"]);
        assert!(worker_ended.is_terminated() && ended.is_terminated());
        assert_prints(&error, &["GroupError", "one", file!(), "gone"]);
        assert_eq!(error.source().unwrap().to_string(), "gone");
        assert_prints(&latest, &["is_pending: false"]);

        let (messages, stream) = Messages::stream(1);
        assert_prints(&messages, &["Messages"]);
        assert_prints(&stream, &["MessageStream", "is_over: false"]);
        // What can't print itself is not printed.
        messages.try_send(Silent).unwrap();
        assert_prints(&messages.try_send(Silent).unwrap_err(), &["Full(.."]);
        drop(stream);
        let refused = messages.try_send(Silent).unwrap_err();
        assert_prints(&refused, &["Cancelled(.."]);
        assert!(matches!(refused, TrySendError::Cancelled(_)));
    });
}
