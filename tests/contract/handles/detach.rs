//! A future that is detached lets its task go on, whose result is dropped at home.

use std::{
    pin::Pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Waker},
    thread,
};

use glib::MainContext;
use qio_task::{Error, QioTask, TaskFuture, spawn_blocking};

use crate::common::{Dropped, PATIENCE, Woken, count, gate, iterate, iterate_until, on_context};

/// A task that is completed already, and whose result waits in its future.
fn ready<T: 'static>(value: T) -> TaskFuture<T> {
    let (task, future) = QioTask::builder().future();
    task.complete(Ok(value));
    future
}

#[test]
fn a_detached_task_goes_on() {
    on_context(|context| {
        let (value, dropped) = Dropped::here();
        let (gate, wait) = gate();
        let (report, reported) = mpsc::channel();
        spawn_blocking(move |worker| {
            wait();
            report.send(worker.is_cancelled()).unwrap();
            Ok::<_, glib::Error>(value)
        })
        .detach();
        gate.wait_for_arrival();
        gate.open();
        assert_eq!(reported.recv_timeout(PATIENCE), Ok(false));
        iterate_until(context, || count(&dropped) == 1);
    });
}

#[test]
fn before_its_worker_has_started() {
    on_context(|context| {
        let (task, future) = QioTask::builder().future();
        future.detach();
        assert!(!task.is_cancelled());
        let (value, dropped) = Dropped::here();
        task.run_in_thread(|_| Ok::<_, glib::Error>(value));
        iterate_until(context, || count(&dropped) == 1);
    });
}

#[test]
fn its_error_is_dropped_at_home() {
    on_context(|context| {
        let (error, dropped) = Dropped::here();
        spawn_blocking(move |_| Err::<(), _>(error)).detach();
        iterate_until(context, || count(&dropped) == 1);
    });
}

#[test]
fn one_that_was_polled_is_not_woken_any_more() {
    on_context(|context| {
        let (value, dropped) = Dropped::here();
        let (task, mut future) = QioTask::builder().future::<_, glib::Error>();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        drop(waker);
        future.detach();
        assert_eq!(Arc::strong_count(&woken), 1, "the waker is gone");
        assert!(!task.is_cancelled());
        task.complete_in_idle(Ok(value));
        assert_eq!(count(&dropped), 0);
        iterate(context);
        assert_eq!(count(&dropped), 1);
        assert_eq!(count(&woken.0), 0);
    });
}

#[test]
fn one_that_is_ready_drops_its_result() {
    on_context(|_| {
        let (value, dropped) = Dropped::here();
        ready(value).detach();
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn one_that_has_yielded_has_nothing_left() {
    on_context(|_| {
        let mut future = ready(7);
        let polled = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(7))));
        future.detach();
    });
}

#[test]
fn on_another_thread_its_result_is_dropped_at_home() {
    on_context(|context| {
        let (value, dropped) = Dropped::here();
        let (task, future) = QioTask::builder().future::<_, glib::Error>();
        thread::spawn(|| future.detach()).join().unwrap();
        task.complete_in_idle(Ok(value));
        iterate(context);
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn on_another_thread_a_ready_result_is_dropped_there() {
    on_context(|_| {
        let (value, dropped) = Dropped::anywhere();
        let future = ready(value);
        let count = thread::spawn(move || {
            future.detach();
            count(&dropped)
        });
        assert_eq!(count.join().unwrap(), 1);
    });
}

#[test]
fn races_the_delivery() {
    on_context(|context| {
        for _ in 0..500 {
            let (value, dropped) = Dropped::anywhere();
            let (task, future) = QioTask::builder().future::<_, glib::Error>();
            let detaches = thread::spawn(|| future.detach());
            task.complete(Ok(value));
            detaches.join().unwrap();
            iterate(context);
            assert_eq!(count(&dropped), 1);
        }
    });
}

#[test]
fn when_its_thread_is_gone_a_ready_result_is_dropped_here() {
    let (value, dropped) = Dropped::anywhere();
    let make = || MainContext::new().with_thread_default(|| ready(value));
    let future = thread::scope(|scope| scope.spawn(make).join());
    future.unwrap().unwrap().detach();
    assert_eq!(count(&dropped), 1);
}

#[test]
fn a_result_that_panics_as_it_is_dropped_is_not_heard() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a destructor");
        }
    }
    on_context(|context| {
        ready(Bomb).detach();
        let future = ready(Bomb);
        thread::spawn(|| future.detach()).join().unwrap();
        iterate(context);
        let (task, future) = QioTask::builder().future::<_, Error>();
        future.detach();
        task.complete(Ok(Bomb));
    });
}
