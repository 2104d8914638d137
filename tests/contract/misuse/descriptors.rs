//! Descriptors that are of no use, as Unix has them: they are refused, or do no harm.

use std::{io::Read, ops::ControlFlow, os::fd::AsRawFd};

use glib::IOCondition;
use qio_task::QioTask;

use super::{Ends, log};
use crate::common::{Log, iterate, iterate_until, on_context, panics::panic_of};

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
fn a_closed_descriptor() {
    on_context(|_| {
        let fd = {
            let (reader, _writer) = std::io::pipe().unwrap();
            far(&reader, 900).as_raw_fd()
        };
        let message = panic_of(|| {
            super::task().watch_fd(fd, IOCondition::IN, |_| ControlFlow::Continue(()));
        });
        assert!(message.contains("closed descriptor"), "{message}");
        let message = panic_of(|| {
            super::task().watch_fd(-1, IOCondition::IN, |_| ControlFlow::Continue(()));
        });
        assert!(message.contains("-1"), "{message}");
    });
}
