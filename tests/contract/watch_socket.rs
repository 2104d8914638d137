//! `watch_socket`: a task that the loop drives by a socket, on every platform. It ends as any
//! other does: once, at home, at its priority, cancelled or timed out.

use std::{
    cell::Cell,
    ops::ControlFlow,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use gio::{Cancellable, Socket, prelude::*};
use glib::{IOCondition, MainContext, Priority};
use qio_task::{Error, QioTask};

use crate::common::{
    Dropped, Log, PATIENCE, count, iterate, iterate_until, on_context, passes_in_child,
    sockets::{connected, say},
    use_the_library,
};

fn task<T: 'static>(ends: &Log<Result<T, Error>>) -> QioTask<T> {
    let ends = ends.clone();
    QioTask::builder().callback(move |result| ends.push(result))
}

/// What has come in on `socket`, if anything has: no byte at its end.
fn receive(socket: &Socket) -> Option<Result<Vec<u8>, glib::Error>> {
    let mut some = [0; 16];
    match socket.receive(&mut some, Cancellable::NONE) {
        Ok(length) => Some(Ok(some[..length].to_vec())),
        Err(error) if error.matches(gio::IOErrorEnum::WouldBlock) => None,
        Err(error) => Some(Err(error)),
    }
}

#[test]
fn it_is_called_until_it_breaks_with_the_result() {
    on_context(|context| {
        let ends = Log::new();
        let (ours, theirs) = connected();
        let (socket, mut said) = (ours.clone(), Vec::new());
        let watch = task(&ends).watch_socket(&ours, IOCondition::IN, move |_| {
            match receive(&socket) {
                None => return ControlFlow::Continue(()),
                Some(Ok(words)) => said.extend_from_slice(&words),
                Some(Err(error)) => return ControlFlow::Break(Err(error)),
            }
            if said.ends_with(b".") {
                return ControlFlow::Break(Ok(String::from_utf8(said.clone()).unwrap()));
            }
            say(&socket, b"?");
            ControlFlow::Continue(())
        });
        theirs.set_blocking(false);
        for word in ["one ", "two ", "three."] {
            assert!(!watch.is_finished());
            say(&theirs, word.as_bytes());
            if !word.ends_with('.') {
                iterate_until(context, || receive(&theirs).is_some());
            }
        }
        iterate_until(context, || !ends.is_empty());
        iterate(context);
        assert!(watch.is_finished());
        let ends = ends.take();
        assert_eq!(ends.len(), 1);
        assert_eq!(ends[0].as_ref().unwrap(), "one two three.");
    });
}

#[test]
fn it_is_called_from_the_loop_at_the_priority_of_the_task() {
    on_context(|context| {
        let called = Log::new();
        let (first, second) = (connected(), connected());
        for (socket, priority) in [
            (&first.0, Priority::DEFAULT_IDLE),
            (&second.0, Priority::HIGH),
        ] {
            let called = called.clone();
            QioTask::builder()
                .priority(priority)
                .callback(|result: Result<(), Error>| result.unwrap())
                .watch_socket(socket, IOCondition::OUT, move |revents| {
                    assert!(revents.contains(IOCondition::OUT));
                    called.push(priority);
                    ControlFlow::Break(Ok(()))
                });
        }
        assert!(called.is_empty(), "from the loop");
        iterate_until(context, || called.len() == 2);
        assert_eq!(called.take(), [Priority::HIGH, Priority::DEFAULT_IDLE]);
    });
}

/// What is told once `happens` has happened to the other end, unasked.
fn told(happens: impl FnOnce(&Socket, &Socket)) -> IOCondition {
    on_context(|context| {
        let ends = Log::new();
        let (ours, theirs) = connected();
        let asked = IOCondition::PRI;
        task(&ends).watch_socket(&ours, asked, |revents| ControlFlow::Break(Ok(revents)));
        iterate(context);
        assert!(ends.is_empty());
        happens(&ours, &theirs);
        iterate_until(context, || !ends.is_empty());
        ends.take().remove(0).unwrap()
    })
}

#[test]
fn hang_up_and_close_are_told_unasked() {
    let hung_up = told(|ours, theirs| {
        // Both ways: one that can still be written to has not hung up.
        ours.shutdown(false, true).unwrap();
        theirs.close().unwrap();
    });
    assert!(hung_up.contains(IOCondition::HUP), "{hung_up:?}");
    let closed = told(|ours, _| ours.close().unwrap());
    assert!(closed.contains(IOCondition::NVAL), "{closed:?}");
}

#[test]
fn the_time_of_the_socket_itself_is_told() {
    on_context(|context| {
        let ends = Log::new();
        let (ours, _theirs) = connected();
        ours.set_timeout(1);
        let socket = ours.clone();
        task(&ends).watch_socket(&ours, IOCondition::IN, move |_| match receive(&socket) {
            None => ControlFlow::Continue(()),
            Some(come) => ControlFlow::Break(come),
        });
        iterate_until(context, || !ends.is_empty());
        let Err(Error::Failed(error)) = ends.take().remove(0) else {
            panic!("nothing was sent");
        };
        assert!(error.matches(gio::IOErrorEnum::TimedOut), "{error}");
    });
}

/// Ends one that waits in vain by `end`, and says how. What it had is let go of at home.
fn ended_by(builder: qio_task::Builder, end: impl FnOnce(qio_task::Watch)) -> Result<(), Error> {
    on_context(|context| {
        let ends = Log::new();
        let log = ends.clone();
        let (ours, theirs) = connected();
        let (captured, dropped) = Dropped::here();
        let weak = ours.downgrade();
        let watch = builder
            .callback(move |result: Result<(), Error>| log.push(result))
            .watch_socket(&ours, IOCondition::IN, move |_| {
                let _ = &captured;
                panic!("nothing was sent");
            });
        drop(ours);
        iterate(context);
        // Unless its time was up already.
        if ends.is_empty() {
            assert!(weak.upgrade().is_some(), "kept until the task has ended");
        }
        end(watch);
        iterate_until(context, || !ends.is_empty());
        iterate(context);
        assert_eq!(count(&dropped), 1);
        assert!(weak.upgrade().is_none(), "let go of");
        assert_eq!(theirs.receive(&mut [0], Cancellable::NONE), Ok(0));
        ends.take().remove(0)
    })
}

#[test]
fn it_is_cancelled_from_another_thread_by_its_cancellable_and_by_a_timeout() {
    let builder = QioTask::builder;
    let ended = ended_by(builder(), |watch| {
        thread::spawn(move || watch.cancel()).join().unwrap();
    });
    assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");

    let cancellable = Cancellable::new();
    let ended = ended_by(builder().cancellable(&cancellable), |_| {
        cancellable.cancel();
    });
    assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");

    let limit = Duration::from_millis(20);
    let ended = ended_by(builder().timeout(limit), |_| {});
    assert!(matches!(ended, Err(Error::TimedOut)), "{ended:?}");
}

#[test]
fn it_is_cancelled_from_inside_its_own_function() {
    on_context(|context| {
        let ends = Log::new();
        let (log, cancellable) = (ends.clone(), Cancellable::new());
        let (ours, _theirs) = connected();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result: Result<(), Error>| log.push(result))
            .watch_socket(&ours, IOCondition::OUT, move |_| {
                cancellable.cancel();
                ControlFlow::Continue(())
            });
        iterate_until(context, || !ends.is_empty());
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
    });
}

#[test]
fn one_that_has_ended_already_is_not_watched() {
    on_context(|context| {
        let ends = Log::new();
        let (log, cancellable) = (ends.clone(), Cancellable::new());
        cancellable.cancel();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result: Result<(), Error>| log.push(result));
        iterate(context);
        let (ours, theirs) = connected();
        let watch = task.watch_socket(&ours, IOCondition::OUT, |_| panic!("not called"));
        drop(ours);
        assert!(watch.is_finished());
        iterate(context);
        assert_eq!(ends.len(), 1);
        assert_eq!(
            theirs.receive(&mut [0], Cancellable::NONE),
            Ok(0),
            "let go of"
        );
    });
}

/// A socket that is ready does not keep the other thread from anything else.
#[test]
fn it_waits_for_its_own_thread_while_another_one_iterates() {
    crate::common::fatal_warnings();
    // Nobody's default while the other thread iterates it, and so not owned here.
    let context = MainContext::new();
    let calls = Rc::new(Cell::new(0));
    let home = thread::current().id();
    let (ours, theirs) = connected();
    say(&theirs, b"!");
    let watch = context
        .with_thread_default(|| {
            let calls = calls.clone();
            QioTask::builder()
                .priority(Priority::DEFAULT)
                .callback(|result: Result<(), Error>| result.unwrap())
                .watch_socket(&ours, IOCondition::IN, move |_| {
                    assert_eq!(thread::current().id(), home);
                    calls.set(calls.get() + 1);
                    ControlFlow::Break(Ok(()))
                })
        })
        .unwrap();
    let (called, has_called) = std::sync::mpsc::channel();
    let source = glib::idle_source_new(None, Priority::LOW, move || {
        called.send(()).unwrap();
        glib::ControlFlow::Break
    });
    source.attach(Some(&context));
    let elsewhere = context.clone();
    let iterate = move || {
        let start = Instant::now();
        while has_called.try_recv().is_err() {
            assert!(start.elapsed() < PATIENCE, "nothing happened");
            elsewhere.iteration(false);
        }
    };
    thread::spawn(iterate).join().unwrap();
    assert_eq!(calls.get(), 0, "on its own thread alone");
    iterate_until(&context, || watch.is_finished());
    assert_eq!(calls.get(), 1);
}

/// What it can no longer deliver is dropped with the context, uncalled.
#[test]
fn it_goes_with_its_context() {
    let (captured, dropped) = Dropped::here();
    let (ours, _theirs) = connected();
    let context = MainContext::new();
    let watch = context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(move |_: Result<(), Error>| drop(captured))
                .watch_socket(&ours, IOCondition::IN, |_| panic!("nothing was sent"))
        })
        .unwrap();
    drop(context);
    assert_eq!(count(&dropped), 1);
    assert!(watch.is_finished());
}

const LEAKED: &str = "watch_socket::one_whose_context_dies_elsewhere_is_told_of_once";

#[test]
fn one_whose_context_dies_elsewhere_is_told_of_once() {
    // In a process of its own: the library warns of it.
    if passes_in_child(LEAKED) {
        return;
    }
    let warnings = Arc::new(AtomicUsize::new(0));
    glib::log_set_handler(Some("qio-task"), glib::LogLevels::all(), false, false, {
        let warnings = warnings.clone();
        move |_, _, message| {
            let is_of_it = message.contains("the task is leaked");
            warnings.fetch_add(usize::from(is_of_it), Ordering::Relaxed);
        }
    });
    let (ours, _theirs) = connected();
    let context = MainContext::new();
    let watch = || {
        let task = QioTask::builder().callback(|_: Result<(), Error>| {});
        task.watch_socket(&ours, IOCondition::IN, |_| ControlFlow::Continue(()));
    };
    context.with_thread_default(watch).unwrap();
    thread::spawn(move || drop(context)).join().unwrap();
    // What the library keeps is dropped here.
    use_the_library();
    assert_eq!(warnings.load(Ordering::Relaxed), 1);
}
