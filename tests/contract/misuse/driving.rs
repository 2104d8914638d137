//! What a loop watches, runs or does not run, that is of no use: no harm is done.

use std::{io::Read, ops::ControlFlow, os::fd::AsRawFd, sync::mpsc, time::Duration};

use glib::IOCondition;
use qio_task::{Error, QioTask};

use super::{Ends, log};
use crate::common::{
    Dropped, Log, PATIENCE, count, iterate, iterate_until, on_context, on_dying_context,
};

/// A descriptor of a number that no other test gets meanwhile.
fn far(stream: &impl std::os::fd::AsFd, number: i32) -> std::os::fd::OwnedFd {
    rustix::io::fcntl_dupfd_cloexec(stream, number).unwrap()
}

#[test]
fn a_descriptor_that_is_closed_while_it_is_watched() {
    on_context(|context| {
        let (reader, _writer) = std::io::pipe().unwrap();
        let watched = far(&reader, 920);
        let seen = Log::new();
        let ends = Ends::new();
        let told = seen.clone();
        QioTask::builder().callback(log(&ends)).watch_fd(
            watched.as_raw_fd(),
            IOCondition::IN,
            move |revents| {
                told.push(revents);
                ControlFlow::Break(Ok(()))
            },
        );
        iterate(context);
        assert!(seen.is_empty());
        // A bare number is not kept open.
        drop(watched);
        iterate_until(context, || !ends.is_empty());
        assert_eq!(seen.take(), [IOCondition::NVAL]);
    });
}

#[test]
fn a_stream_that_is_given_away_is_not_closed_while_it_is_watched() {
    on_context(|context| {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut clone = reader.try_clone().unwrap();
        let ends = Ends::new();
        let watch =
            QioTask::builder()
                .callback(log(&ends))
                .watch_fd(reader, IOCondition::IN, |_| ControlFlow::Continue(()));
        iterate(context);
        watch.cancel();
        iterate_until(context, || !ends.is_empty());
        drop(writer);
        assert_eq!(clone.read(&mut [0]).unwrap(), 0);
    });
}

#[test]
fn a_watch_for_nothing() {
    on_context(|context| {
        let (reader, writer) = std::io::pipe().unwrap();
        let ends = Ends::new();
        let (seen, log_of) = (Log::new(), log(&ends));
        let told = seen.clone();
        QioTask::builder().callback(log_of).watch_fd(
            reader,
            IOCondition::empty(),
            move |revents| {
                told.push(revents);
                ControlFlow::Break(Ok(()))
            },
        );
        std::io::Write::write_all(&mut &writer, b"!").unwrap();
        iterate(context);
        assert!(seen.is_empty(), "what it can be read is not told");
        drop(writer);
        iterate_until(context, || !ends.is_empty());
        assert_eq!(seen.take(), [IOCondition::HUP]);
    });
}

#[test]
fn intervals_that_are_too_short_and_too_long() {
    on_context(|context| {
        let ends = Ends::new();
        let poll = |interval| {
            let task = QioTask::builder().callback(log(&ends));
            task.poll_every(interval, || ControlFlow::Break(Ok(())))
        };
        poll(Duration::from_nanos(1));
        iterate_until(context, || !ends.is_empty());
        let never = poll(Duration::MAX);
        iterate(context);
        assert_eq!(ends.len(), 1);
        never.cancel();
        iterate_until(context, || ends.len() == 2);
    });
}

/// The source that the library delivers with, out of the callback's hands.
#[test]
fn a_callback_that_destroys_the_source_that_runs_it() {
    let (captured, dropped) = Dropped::here();
    on_context(|context| {
        let ends = Ends::new();
        QioTask::builder()
            .callback(|_: Result<(), Error>| {
                glib::main_current_source().unwrap().destroy();
            })
            .complete_in_idle(Ok(()));
        QioTask::builder()
            .callback(move |_: Result<(), Error>| drop(captured))
            .complete_in_idle(Ok(()));
        iterate(context);
        // The next task has a source of its own.
        QioTask::builder()
            .callback(log(&ends))
            .complete_in_idle(Ok(()));
        QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(|_| Ok(()));
        iterate_until(context, || ends.len() == 2);
        assert!(ends.take().iter().all(Result::is_ok));
    });
    assert_eq!(count(&dropped), 1, "dropped as with its context");
}

#[test]
fn a_process_without_a_loop() {
    // Inline and by `wait` every callback comes all the same.
    on_dying_context(|_| {
        let ends = Ends::new();
        QioTask::builder().callback(log(&ends)).complete(Ok(()));
        let running = QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(|_| Ok(()));
        running.wait();
        assert_eq!(ends.len(), 2);
        let task = QioTask::builder().callback(log(&ends));
        task.complete_in_idle(Ok(()));
        let (sender, returned) = mpsc::channel();
        QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(move |_| {
                sender.send(()).unwrap();
                Ok(())
            });
        returned.recv_timeout(PATIENCE).unwrap();
        assert_eq!(ends.len(), 2, "and no other");
    });
}
