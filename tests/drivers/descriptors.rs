//! Driven by a descriptor.

use std::{
    cell::Cell,
    io::{Read, Write},
    ops::ControlFlow,
    os::{fd::AsRawFd, unix::net::UnixStream},
    rc::Rc,
    thread,
    time::Duration,
};

use glib::IOCondition;
use qio_task::{Error, QioTask};

use super::{iterate_elsewhere, task};
use crate::common::{self, Log, iterate, iterate_until, on_context};

fn streams() -> (UnixStream, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    (ours, theirs)
}

#[test]
fn a_handshake_of_several_messages() {
    on_context(|context| {
        let ends = Log::new();
        let (mut ours, mut theirs) = streams();
        let mut said = Vec::new();
        let fd = ours.as_raw_fd();
        task(&ends).watch_fd(fd, IOCondition::IN, move |revents| {
            assert!(revents.contains(IOCondition::IN));
            let mut bytes = [0; 16];
            match ours.read(&mut bytes) {
                Ok(count) => said.extend_from_slice(&bytes[..count]),
                Err(error) => return ControlFlow::Break(Err(as_glib(&error))),
            }
            if said.ends_with(b".") {
                return ControlFlow::Break(Ok(String::from_utf8(said.clone()).unwrap()));
            }
            ours.write_all(b"?").unwrap();
            ControlFlow::Continue(())
        });
        let peer = thread::spawn(move || {
            for word in ["one ", "two ", "three."] {
                theirs.write_all(word.as_bytes()).unwrap();
                if !word.ends_with('.') {
                    theirs.read_exact(&mut [0]).unwrap();
                }
            }
        });
        iterate_until(context, || !ends.is_empty());
        peer.join().unwrap();
        assert_eq!(ends.take().remove(0).unwrap(), "one two three.");
    });
}

fn as_glib(error: &std::io::Error) -> glib::Error {
    glib::Error::new(gio::IOErrorEnum::Failed, &error.to_string())
}

#[test]
fn a_descriptor_that_is_ready_calls_back_from_the_loop() {
    on_context(|context| {
        let ends = Log::new();
        let (ours, _theirs) = streams();
        let calls = Rc::new(Cell::new(0));
        // The stream itself: kept open until the task has ended.
        task(&ends).watch_fd(ours, IOCondition::OUT, {
            let calls = calls.clone();
            move |revents| {
                assert_eq!(revents, IOCondition::OUT);
                calls.set(calls.get() + 1);
                if calls.get() < 3 {
                    return ControlFlow::Continue(());
                }
                ControlFlow::Break(Ok(calls.get()))
            }
        });
        assert_eq!(calls.get(), 0);
        iterate_until(context, || !ends.is_empty());
        iterate(context);
        assert_eq!(ends.take().remove(0).unwrap(), 3);
        assert_eq!(calls.get(), 3);
    });
}

/// What `fd` is told of once `happens` has happened, watched for `condition`.
fn told(fd: impl AsRawFd + 'static, condition: IOCondition, happens: impl FnOnce()) -> IOCondition {
    on_context(|context| {
        let ends = Log::new();
        task(&ends).watch_fd(fd, condition, |revents| ControlFlow::Break(Ok(revents)));
        iterate(context);
        assert!(ends.is_empty());
        happens();
        iterate_until(context, || !ends.is_empty());
        ends.take().remove(0).unwrap()
    })
}

#[test]
fn hang_up_is_told_unasked() {
    for asked in [IOCondition::PRI, IOCondition::PRI | IOCondition::HUP] {
        let (ours, theirs) = streams();
        let revents = told(ours, asked, || drop(theirs));
        assert!(revents.contains(IOCondition::HUP), "{revents:?}");
    }
}

#[test]
fn an_error_is_told_unasked() {
    for asked in [IOCondition::PRI, IOCondition::PRI | IOCondition::ERR] {
        let (reader, writer) = std::io::pipe().unwrap();
        let revents = told(writer, asked, || drop(reader));
        assert!(revents.contains(IOCondition::ERR), "{revents:?}");
    }
}

#[test]
fn a_descriptor_that_is_closed_meanwhile_is_told_unasked() {
    for asked in [IOCondition::PRI, IOCondition::PRI | IOCondition::NVAL] {
        let (reader, _writer) = std::io::pipe().unwrap();
        // Far from those that other tests open meanwhile.
        let far = rustix::io::fcntl_dupfd_cloexec(&reader, 900).unwrap();
        let revents = told(far.as_raw_fd(), asked, || drop(far));
        assert!(revents.contains(IOCondition::NVAL), "{revents:?}");
    }
}

#[test]
fn cancel_from_another_thread_lets_go_of_the_descriptor() {
    on_context(|context| {
        let ends = Log::new();
        let (ours, mut theirs) = streams();
        let (captured, dropped) = common::Dropped::here();
        let fd = ours.as_raw_fd();
        let watch = task::<()>(&ends).watch_fd(fd, IOCondition::IN, move |_| {
            let _captured = (&captured, &ours);
            panic!("nothing was sent");
        });
        thread::spawn(move || watch.cancel()).join().unwrap();
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
        assert_eq!(common::count(&dropped), 1);
        assert_eq!(theirs.read(&mut [0]).unwrap(), 0, "closed");
    });
}

#[test]
fn timeout_of_a_silent_peer() {
    on_context(|context| {
        let ends = Log::new();
        let (ours, _theirs) = streams();
        let log = ends.clone();
        let watch = QioTask::builder()
            .timeout(Duration::from_millis(20))
            .callback(move |result: Result<(), Error>| log.push(result))
            .watch_fd(ours.as_raw_fd(), IOCondition::IN, |_| {
                panic!("it is silent")
            });
        assert!(!watch.is_finished());
        iterate_until(context, || watch.is_finished());
        assert!(matches!(ends.take()[..], [Err(Error::TimedOut)]));
    });
}

#[test]
fn a_descriptor_that_is_ready_starves_no_other_thread() {
    let context = glib::MainContext::new();
    let ends = Log::new();
    let (ours, mut theirs) = streams();
    theirs.write_all(&[1]).unwrap();
    let watch = || {
        let log = ends.clone();
        let task = QioTask::builder()
            .priority(glib::Priority::DEFAULT)
            .callback(move |result: Result<u32, Error>| log.push(result.ok()));
        task.watch_fd(ours, IOCondition::IN, |_| ControlFlow::Break(Ok(1)));
    };
    context.with_thread_default(watch).unwrap();
    let (sender, called) = std::sync::mpsc::channel();
    QioTask::builder()
        .callback_on(&context, move |_: Result<(), Error>| {
            sender.send(()).unwrap();
        })
        .complete_in_idle(Ok(()));
    iterate_elsewhere(&context, move || called.try_recv().is_ok());
    assert!(ends.is_empty(), "on its own thread alone");
    iterate_until(&context, || !ends.is_empty());
    assert_eq!(ends.take(), [Some(1)]);
}

#[test]
fn a_driven_task_that_ends_while_another_thread_iterates_is_dropped_at_home() {
    let context = glib::MainContext::new();
    let (captured, dropped) = common::Dropped::here();
    let (ours, mut theirs) = streams();
    theirs.write_all(&[1]).unwrap();
    let watch = || {
        let task = QioTask::builder()
            .priority(glib::Priority::DEFAULT)
            .callback(|result: Result<(), Error>| assert!(result.is_err()));
        task.watch_fd(ours, IOCondition::IN, move |_| {
            let _ = &captured;
            ControlFlow::Continue(())
        })
    };
    let watch = context.with_thread_default(watch).unwrap();
    watch.cancel();
    iterate_elsewhere(&context, || true);
    // Its function is let go of at once, and its callback called when that is due.
    iterate_until(&context, || common::count(&dropped) == 1);
    iterate_until(&context, || watch.is_finished());
}

#[test]
fn a_task_that_has_ended_is_not_driven() {
    on_context(|context| {
        for named in [false, true] {
            let make = || {
                let builder = common::builder(named.then_some("named"));
                let (task, future) = builder.future::<(), glib::Error>();
                drop(future);
                iterate(context);
                task
            };
            let (ours, mut theirs) = streams();
            theirs.set_nonblocking(true).unwrap();
            let watch = make().watch_fd(ours, IOCondition::IN, |_| panic!("not called"));
            assert!(watch.is_finished());
            assert_eq!(theirs.read(&mut [0]).unwrap(), 0, "the stream is closed");
            make().poll_every(Duration::from_millis(1), || panic!("not called"));
            thread::sleep(Duration::from_millis(2));
            iterate(context);
        }
    });
}
