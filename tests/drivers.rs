//! Tasks that the main loop drives: `poll_every` and, on Unix, `watch_fd`. What is true of sockets
//! besides is in `tests/contract/watch_socket.rs`.

mod common;

use std::{
    ops::ControlFlow,
    thread,
    time::{Duration, Instant},
};

use common::{Log, PATIENCE, iterate, iterate_until, on_context};
use qio_task::{Error, QioTask};

fn task<T: 'static>(ends: &Log<Result<T, Error>>) -> QioTask<T> {
    let ends = ends.clone();
    QioTask::builder().callback(move |result| ends.push(result))
}

#[test]
fn cancel_from_inside_its_own_function() {
    on_context(|context| {
        let ends = Log::new();
        let cancellable = gio::Cancellable::new();
        let log = ends.clone();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result: Result<(), Error>| log.push(result))
            .poll_every(Duration::from_millis(1), move || {
                gio::prelude::CancellableExt::cancel(&cancellable);
                ControlFlow::Continue(())
            });
        iterate_until(context, || !ends.is_empty());
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
    });
}

#[test]
fn poll_every_goes_on_until_it_breaks() {
    on_context(|context| {
        let ends = Log::new();
        let mut left = 3;
        task::<()>(&ends).poll_every(Duration::from_micros(1), move || {
            left -= 1;
            match left {
                0 => ControlFlow::Break(Err(glib::Error::new(gio::IOErrorEnum::Closed, "done"))),
                _ => ControlFlow::Continue(()),
            }
        });
        iterate_until(context, || !ends.is_empty());
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Failed(_))]));
    });
}

#[test]
fn poll_every_is_not_early_by_a_part_of_a_millisecond() {
    on_context(|context| {
        for tenths in [1, 5, 9, 19] {
            let interval = Duration::from_micros(100 * tenths);
            let ends = Log::new();
            let mut calls = 0;
            let start = Instant::now();
            task(&ends).poll_every(interval, move || {
                calls += 1;
                assert!(start.elapsed() >= calls * interval, "call {calls}");
                if calls < 10 {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(Ok(()))
                }
            });
            iterate_until(context, || !ends.is_empty());
        }
    });
}

#[test]
fn a_task_that_was_ended_before_is_not_driven() {
    on_context(|context| {
        let ends = Log::new();
        let cancellable = gio::Cancellable::new();
        gio::prelude::CancellableExt::cancel(&cancellable);
        let log = ends.clone();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result: Result<(), Error>| log.push(result));
        iterate(context);
        assert_eq!(ends.len(), 1, "cancelled already");
        let watch = task.poll_every(Duration::from_millis(1), || panic!("not called"));
        assert!(watch.is_finished());
        thread::sleep(Duration::from_millis(5));
        iterate(context);
        assert_eq!(ends.len(), 1);
    });
}

#[test]
fn a_task_of_callback_on_is_driven_by_the_owner() {
    on_context(|context| {
        let (sender, end) = std::sync::mpsc::channel();
        QioTask::builder()
            .callback_on(context, move |result: Result<u32, Error>| {
                sender.send(result.unwrap()).unwrap();
            })
            .poll_every(Duration::from_millis(1), || ControlFlow::Break(Ok(1)));
        let mut seen = None;
        iterate_until(context, || {
            seen = end.try_recv().ok();
            seen.is_some()
        });
        assert_eq!(seen, Some(1));
    });
}

#[test]
fn a_driver_waits_for_its_own_thread_when_another_one_iterates() {
    // Nobody's default while the other thread iterates it, and so not owned here.
    let context = glib::MainContext::new();
    let ends = Log::new();
    let home = std::thread::current().id();
    let mut calls = 0;
    let poll = || {
        task(&ends).poll_every(Duration::from_millis(1), move || {
            assert_eq!(std::thread::current().id(), home);
            calls += 1;
            match calls {
                1 => ControlFlow::Continue(()),
                _ => ControlFlow::Break(Ok(2)),
            }
        });
    };
    context.with_thread_default(poll).unwrap();
    iterate_elsewhere(&context, || true);
    assert!(ends.is_empty());
    iterate_until(&context, || !ends.is_empty());
    assert!(matches!(ends.take().as_slice(), [Ok(2)]));
}

/// Iterates `context` on another thread until `condition` holds there, and for
/// longer than what waits for its own thread takes to look for it.
fn iterate_elsewhere(context: &glib::MainContext, condition: impl Fn() -> bool + Send + 'static) {
    let context = context.clone();
    let iterate = move || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(30) || !condition() {
            assert!(start.elapsed() < PATIENCE, "nothing happened");
            context.iteration(false);
            std::thread::yield_now();
        }
    };
    std::thread::spawn(iterate).join().unwrap();
}

#[test]
fn a_task_that_has_ended_is_not_driven() {
    on_context(|context| {
        for named in [false, true] {
            let task = ended(context, named);
            let watch = task.poll_every(Duration::from_millis(1), || panic!("not called"));
            assert!(watch.is_finished());
            thread::sleep(Duration::from_millis(2));
            iterate(context);
        }
    });
}

/// One that has ended, since nobody waits for it any more.
fn ended(context: &glib::MainContext, named: bool) -> QioTask<()> {
    let builder = common::builder(named.then_some("named"));
    let (task, future) = builder.future::<(), glib::Error>();
    drop(future);
    iterate(context);
    task
}

/// `watch_fd`.
#[cfg(unix)]
mod descriptors {
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

    use super::{
        common::{self, Log, iterate, iterate_until, on_context},
        iterate_elsewhere, task,
    };

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
    fn told(
        fd: impl AsRawFd + 'static,
        condition: IOCondition,
        happens: impl FnOnce(),
    ) -> IOCondition {
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
    fn one_that_has_ended_is_closed() {
        on_context(|context| {
            for named in [false, true] {
                let (ours, mut theirs) = streams();
                theirs.set_nonblocking(true).unwrap();
                let watch = super::ended(context, named)
                    .watch_fd(ours, IOCondition::IN, |_| panic!("not called"));
                assert!(watch.is_finished());
                assert_eq!(theirs.read(&mut [0]).unwrap(), 0, "the stream is closed");
            }
        });
    }
}
