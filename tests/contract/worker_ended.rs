//! Rule 7: `worker_ended` tells when the worker has returned, whatever has become of the task.

use std::{
    future::Future,
    num::NonZero,
    pin::pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use qio_task::{Error, QioTask, Running, WorkerEnded};
use static_assertions::{assert_impl_all, assert_not_impl_any};

use crate::common::{
    Dropped, Gate, Log, Woken, busy_worker, count, fatal_warnings, gate, iterate_until, on_context,
    use_the_library, wait_until,
};

assert_impl_all!(WorkerEnded: Send, Sync, Unpin, futures::future::FusedFuture);
assert_not_impl_any!(Running: Send);

fn poll(ended: &mut WorkerEnded, waker: &Waker) -> Poll<()> {
    pin!(ended).poll(&mut Context::from_waker(waker))
}

fn is_over(running: &Running) -> bool {
    poll(&mut running.worker_ended(), Waker::noop()).is_ready()
}

/// A worker that stands at a gate, and a log of how its task ends.
fn at_a_gate(timeout: Option<Duration>) -> (Gate, Running, Log<bool>) {
    let ends = Log::new();
    let noted = ends.clone();
    let (gate, wait) = gate();
    let mut builder = QioTask::builder();
    if let Some(timeout) = timeout {
        builder = builder.timeout(timeout);
    }
    let running = builder
        .callback(move |result: Result<(), Error>| noted.push(result.is_ok()))
        .run_in_thread(move |_| {
            wait();
            Ok(())
        });
    gate.wait_for_arrival();
    (gate, running, ends)
}

#[test]
fn a_task_that_was_cancelled_long_ago() {
    on_context(|context| {
        let (gate, running, ends) = at_a_gate(None);
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        assert!(running.is_finished());
        assert!(!is_over(&running), "its worker stands at the gate");
        gate.open();
        context.block_on(running.worker_ended());
        assert!(is_over(&running));
        running.wait_for_worker();
    });
}

#[test]
fn a_task_that_has_timed_out() {
    on_context(|context| {
        let (gate, running, ends) = at_a_gate(Some(Duration::from_millis(1)));
        iterate_until(context, || !ends.is_empty());
        assert!(!is_over(&running));
        let opens = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            gate.open();
        });
        running.wait_for_worker();
        assert!(is_over(&running));
        opens.join().unwrap();
    });
}

#[test]
fn it_does_not_call_the_callback() {
    on_context(|context| {
        let (gate, running, ends) = at_a_gate(None);
        gate.open();
        running.wait_for_worker();
        assert!(is_over(&running));
        assert!(ends.is_empty(), "that comes through the loop");
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [true]);
    });
}

#[test]
fn a_late_result_is_gone_by_then() {
    on_context(|context| {
        let (gate, wait) = gate();
        let (value, dropped) = Dropped::anywhere();
        let running = QioTask::builder()
            .callback(|_: Result<Dropped, Error>| {})
            .run_in_thread(move |_| {
                wait();
                Ok(value)
            });
        gate.wait_for_arrival();
        running.cancel();
        gate.open();
        context.block_on(running.worker_ended());
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn one_that_has_no_thread_yet() {
    let child = "worker_ended::one_that_has_no_thread_yet";
    if !crate::common::is_child(child) {
        crate::common::in_child(child);
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (gate, busy) = busy_worker();
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| panic!("it was cancelled before"));
        let mut ended = running.worker_ended();
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        assert!(poll(&mut ended, &waker).is_pending(), "it will run");
        running.cancel();
        assert_eq!(count(&woken.0), 1, "it never will");
        assert!(poll(&mut ended, &waker).is_ready());
        running.wait_for_worker();
        gate.open();
        context.block_on(busy.worker_ended());
    });
}

#[test]
fn several_await_it_and_on_other_threads() {
    on_context(|context| {
        let (gate, running, _) = at_a_gate(None);
        let (sender, polled) = mpsc::channel();
        let elsewhere = [(); 3].map(|()| {
            let (mut ended, sender) = (running.worker_ended(), sender.clone());
            thread::spawn(move || {
                assert!(poll(&mut ended, Waker::noop()).is_pending());
                sender.send(()).unwrap();
                glib::MainContext::new().block_on(ended);
            })
        });
        polled.iter().take(3).for_each(drop);
        // One that nobody polls any more.
        let mut forgotten = running.worker_ended();
        assert!(poll(&mut forgotten, Waker::noop()).is_pending());
        drop(forgotten);
        gate.open();
        let both = async { futures::join!(running.worker_ended(), running.worker_ended()) };
        context.block_on(both);
        for thread in elsewhere {
            thread.join().unwrap();
        }
    });
}

/// GLib does not bear that a context goes while another thread touches one of its sources, which
/// its wakers are.
#[test]
fn a_context_may_go_as_it_is_woken() {
    on_context(|_| {
        for _ in 0..100 {
            let (gate, running, _) = at_a_gate(None);
            let ended = running.worker_ended();
            let elsewhere = thread::spawn(|| glib::MainContext::new().block_on(ended));
            gate.open();
            elsewhere.join().unwrap();
        }
    });
}

/// The callback is still there, for its own thread to drop.
#[test]
fn where_the_context_has_died_on_another_thread() {
    fatal_warnings();
    let context = glib::MainContext::new();
    let (value, dropped) = Dropped::anywhere();
    let (gate, wait) = gate();
    // Unlike its handle, this does not keep the context.
    let mut ended = context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(|_: Result<Dropped, Error>| panic!("its context is dead"))
                .run_in_thread(move |_| {
                    wait();
                    Ok(value)
                })
                .worker_ended()
        })
        .unwrap();
    gate.wait_for_arrival();
    thread::spawn(move || drop(context)).join().unwrap();
    gate.open();
    wait_until(|| count(&dropped) == 1);
    assert!(poll(&mut ended, Waker::noop()).is_ready());
    // Here the callback is dropped, as the library is next used.
    use_the_library();
}

#[test]
fn of_a_future_that_is_dropped() {
    on_context(|context| {
        let (gate, wait) = gate();
        let future = qio_task::spawn_blocking(move |_| {
            wait();
            Ok::<_, Error>(())
        });
        gate.wait_for_arrival();
        let mut ended = future.worker_ended();
        drop(future);
        assert!(poll(&mut ended, Waker::noop()).is_pending());
        gate.open();
        context.block_on(ended);
    });
}

/// Its waker goes with it, and is not woken.
#[test]
fn one_that_is_dropped_before() {
    on_context(|_| {
        let (gate, running, _) = at_a_gate(None);
        let woken = Arc::new(Woken::default());
        let mut ended = running.worker_ended();
        assert!(poll(&mut ended, &woken.clone().into()).is_pending());
        drop(ended);
        assert_eq!(Arc::strong_count(&woken), 1);
        gate.open();
        running.wait_for_worker();
        assert_eq!(count(&woken.0), 0);
    });
}

/// A worker that awaits another one's end counts as one that waits.
#[test]
fn at_the_maximum_of_threads() {
    let child = "worker_ended::at_the_maximum_of_threads";
    if !crate::common::is_child(child) {
        crate::common::in_child(child);
        return;
    }
    on_context(|_| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let inner = |wait: fn(&Running)| {
            QioTask::builder()
                .callback(|_: Result<(), Error>| {})
                .run_in_thread(move |_| {
                    on_context(|_| {
                        let running = QioTask::builder()
                            .callback(|_: Result<(), Error>| {})
                            .run_in_thread(|_| Ok(()));
                        wait(&running);
                    });
                    Ok(())
                })
                .wait();
        };
        inner(Running::wait_for_worker);
        inner(|running| {
            glib::MainContext::ref_thread_default().block_on(running.worker_ended());
        });
    });
}

/// What is woken is foreign code.
#[test]
fn a_waker_that_panics() {
    struct Bad;
    impl Wake for Bad {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics");
        }
    }
    on_context(|context| {
        let (gate, running, ends) = at_a_gate(None);
        let bad = Waker::from(Arc::new(Bad));
        assert!(poll(&mut running.worker_ended(), &bad).is_pending());
        gate.open();
        context.block_on(running.worker_ended());
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [true], "nobody else hears of it");
    });
}
