//! Rule 13: dropping `Running` detaches, dropping a `TaskFuture` cancels.

mod abort;
mod detach;

use std::{
    pin::{Pin, pin},
    sync::mpsc,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use gio::prelude::*;
use qio_task::{Error, QioTask, spawn_blocking};

use crate::common::{
    Log, PATIENCE, gate, iterate, iterate_until, on_context, on_dying_context, passes_in_child,
};

#[test]
fn dropping_running_detaches() {
    on_context(|context| {
        let log = Log::new();
        let (gate, wait) = gate();
        let running = {
            let log = log.clone();
            QioTask::builder()
                .callback(move |result: Result<u32, Error>| log.push(result.unwrap()))
                .run_in_thread(move |_| {
                    wait();
                    Ok(1)
                })
        };
        assert!(!running.is_finished());
        drop(running);
        gate.open();
        iterate_until(context, || !log.is_empty());
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn running_is_finished_when_its_callback_has_returned() {
    on_context(|context| {
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()));
        iterate_until(context, || running.is_finished());
        running.wait();
    });
}

#[test]
fn dropping_a_future_cancels() {
    on_context(|context| {
        let (gate, wait) = gate();
        let (report, reported) = mpsc::channel();
        let (started, is_started) = mpsc::channel();
        let future = spawn_blocking(move |worker| {
            started.send(()).unwrap();
            wait();
            report.send(worker.is_cancelled()).unwrap();
            Ok::<_, glib::Error>(1)
        });
        is_started.recv_timeout(PATIENCE).unwrap();
        drop(future);
        gate.open();
        assert_eq!(reported.recv_timeout(PATIENCE), Ok(true));
        iterate(context);
    });
}

#[test]
fn dropping_a_future_half_way_cancels() {
    on_context(|context| {
        let (task, future) = QioTask::builder().future::<u32, glib::Error>();
        {
            let mut future = pin!(future);
            let mut cx = Context::from_waker(Waker::noop());
            assert!(future.as_mut().poll(&mut cx).is_pending());
            assert!(!task.is_cancelled());
        }
        assert!(task.is_cancelled());
        iterate(context);
        task.complete(Ok(1));
    });
}

#[test]
fn a_future_yields_what_the_callback_would_get() {
    on_context(|context| {
        let end_within = |timeout, finish: fn(QioTask<u32>)| {
            let (task, future) = QioTask::builder()
                .timeout(timeout)
                .future::<u32, glib::Error>();
            let thread = thread::spawn(move || finish(task));
            let result = context.block_on(future);
            thread.join().unwrap();
            result
        };
        let end = |finish| end_within(PATIENCE, finish);
        assert!(matches!(end(|task| task.complete(Ok(1))), Ok(1)));
        assert!(matches!(
            end(|task| task.complete(Err(glib::Error::new(gio::IOErrorEnum::Busy, "")))),
            Err(Error::Failed(_))
        ));
        assert!(matches!(end(drop), Err(Error::Abandoned)));
        assert!(matches!(
            end_within(Duration::from_millis(20), |task| {
                while !task.is_cancelled() {
                    thread::sleep(Duration::from_millis(5));
                }
            }),
            Err(Error::TimedOut)
        ));
    });
}

#[test]
fn a_future_that_is_ready_yields_at_once() {
    on_context(|_| {
        let (task, future) = QioTask::builder().future::<u32, glib::Error>();
        task.complete(Ok(1));
        let mut future = pin!(future);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(matches!(future.as_mut().poll(&mut cx), Poll::Ready(Ok(1))));
        assert!(future.is_terminated());
    });
}

#[test]
fn a_future_of_a_dead_context_does_not_hang() {
    let future = on_dying_context(|_| {
        let (task, future) = QioTask::builder().future::<u32, glib::Error>();
        task.complete_in_idle(Ok(1));
        future
    });
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(
        future.as_mut().poll(&mut cx),
        Poll::Ready(Err(Error::Abandoned))
    ));
}

#[test]
fn a_future_keeps_its_source_until_it_yields() {
    on_context(|context| {
        let source = gio::SimpleAction::new("source", None);
        let (task, future) = QioTask::builder()
            .source(&source)
            .future::<u32, glib::Error>();
        assert_eq!(task.source().as_ref(), Some(source.upcast_ref()));
        let weak = source.downgrade();
        drop(source);
        assert!(weak.upgrade().is_some());
        task.complete(Ok(1));
        iterate(context);
        assert!(weak.upgrade().is_none());
        assert_eq!(context.block_on(future).unwrap(), 1);
    });
}

#[test]
fn a_future_that_has_yielded_is_terminated() {
    on_context(|_| {
        let (task, mut future) = QioTask::builder().future::<u32, glib::Error>();
        assert!(!future.is_terminated());
        task.complete(Ok(1));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut future).poll(&mut cx).is_ready());
        assert!(future.is_terminated());
        let again = std::panic::AssertUnwindSafe(|| {
            let _ = Pin::new(&mut future).poll(&mut cx);
        });
        let panic = std::panic::catch_unwind(again).unwrap_err();
        let words = panic.downcast_ref::<&str>().unwrap();
        assert!(words.contains("polled after"), "{words}");
    });
}

const GONE: &str = "handles::a_future_of_a_thread_that_is_gone_does_not_hang";

#[test]
fn a_future_of_a_thread_that_is_gone_does_not_hang() {
    // In a process of its own: the library warns of what is leaked.
    if passes_in_child(GONE) {
        return;
    }
    let (task, future) = thread::spawn(|| {
        let context = glib::MainContext::new();
        let make = || QioTask::builder().future::<u32, glib::Error>();
        context.with_thread_default(make).unwrap()
    })
    .join()
    .unwrap();
    let context = glib::MainContext::new();
    let end = context.block_on(future);
    assert!(matches!(end, Err(Error::Abandoned)), "{end:?}");
    task.complete(Ok(1));

    // One that is awaited already is woken.
    let (gate, wait) = gate();
    let (sender, futures) = mpsc::channel();
    let ends = thread::spawn(move || {
        let context = glib::MainContext::new();
        let make = || QioTask::builder().future::<u32, glib::Error>();
        let (task, future) = context.with_thread_default(make).unwrap();
        sender.send(future).unwrap();
        wait();
        std::mem::forget(task);
    });
    let future = futures.recv().unwrap();
    gate.wait_for_arrival();
    let mut gate = Some(gate);
    let end = context.block_on(async {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| {
            let polled = future.as_mut().poll(cx);
            // Polled once, and not before the thread ends.
            if let Some(gate) = gate.take() {
                assert!(polled.is_pending());
                gate.open();
            }
            polled
        })
        .await
    });
    assert!(matches!(end, Err(Error::Abandoned)), "{end:?}");
    ends.join().unwrap();
}
