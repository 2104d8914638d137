//! Tasks that the main loop drives: `watch_fd` and `poll_every`.

#[path = "../common/mod.rs"]
mod common;

#[cfg(unix)]
mod descriptors;

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
