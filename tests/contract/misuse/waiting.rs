//! Waiting where it is of no use: what is waited for, and for how long.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
    sync::mpsc,
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{Builder, Error, QioTask, Running, Worker};

use super::{Ends, log};
use crate::common::{gate, iterate_until, on_context, on_dying_context, passes_in_child};

/// A task whose handle its own callback waits with.
fn waiting_in_its_callback(
    builder: Builder,
    ends: &Ends,
    worker: impl FnOnce(&Worker) -> Result<(), glib::Error> + Send + 'static,
) -> Rc<RefCell<Option<Running>>> {
    let running = Rc::new(RefCell::new(None::<Running>));
    let (own, ends) = (running.clone(), ends.clone());
    let task = builder.callback(move |result| {
        let own = own.borrow_mut().take();
        own.expect("there until now").wait();
        ends.push(result);
    });
    running.replace(Some(task.run_in_thread(worker)));
    running
}

#[test]
fn waiting_from_its_own_callback() {
    on_context(|context| {
        let ends = Ends::new();
        drop(waiting_in_its_callback(QioTask::builder(), &ends, |_| {
            Ok(())
        }));
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Ok(())]));

        // Cancelled, it waits for the worker.
        let (gate, wait) = gate();
        let (returned, has_returned) = mpsc::channel();
        let cancellable = gio::Cancellable::new();
        let builder = QioTask::builder().cancellable(&cancellable);
        drop(waiting_in_its_callback(builder, &ends, move |_| {
            wait();
            returned.send(()).unwrap();
            Ok(())
        }));
        gate.wait_for_arrival();
        cancellable.cancel();
        let opener = thread::spawn(move || gate.open());
        iterate_until(context, || !ends.is_empty());
        assert!(has_returned.try_recv().is_ok());
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));
        opener.join().unwrap();
    });
}

#[test]
fn waiting_in_callbacks_of_what_is_waited_for() {
    fn descend(depth: u32, deepest: Rc<Cell<u32>>) {
        QioTask::builder()
            .callback(move |_: Result<(), Error>| {
                deepest.set(deepest.get() + 1);
                if depth > 0 {
                    descend(depth - 1, deepest);
                }
            })
            .run_in_thread(|_| Ok(()))
            .wait();
    }
    on_context(|_| {
        let deepest = Rc::default();
        descend(100, Rc::clone(&deepest));
        assert_eq!(deepest.get(), 101);
    });
}

#[test]
fn waiting_for_a_worker_that_waits_for_this_loop() {
    on_context(|context| {
        let ends = Ends::new();
        let (sender, called) = mpsc::channel();
        let task = QioTask::builder().callback_on(context, move |_: Result<(), Error>| {
            // Too late for whoever has waited.
            assert!(sender.send(()).is_err());
        });
        let (answer, answered) = mpsc::channel();
        let running = QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(move |_| {
                task.complete(Ok(()));
                // Without a limit both would wait for ever.
                let called = called.recv_timeout(Duration::from_millis(20));
                answer.send(called).unwrap();
                Ok(())
            });
        running.wait();
        assert!(answered.recv().unwrap().is_err(), "`wait` iterates no loop");
        assert_eq!(ends.len(), 1);
    });
}

#[test]
fn a_future_whose_context_nobody_iterates() {
    let mut waking = Context::from_waker(Waker::noop());
    on_dying_context(|context| {
        let mut future = Box::pin(qio_task::spawn_blocking(|_| Ok::<_, glib::Error>(1)));
        // Another context does not help it.
        let other = MainContext::new();
        let mut polls = 0;
        other.block_on(std::future::poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            let pending = Pin::new(&mut future).poll(cx).is_pending();
            assert!(pending);
            if polls == 100 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        // Late is soon enough.
        let mut result = None;
        iterate_until(context, || {
            if let Poll::Ready(ready) = Pin::new(&mut future).poll(&mut waking) {
                result = Some(ready);
            }
            result.is_some()
        });
        assert!(matches!(result, Some(Ok(1))));
    });
}

const NO_THREAD: &str = "misuse::waiting::iterating_a_loop_in_the_only_thread_there_may_be";

/// A worker that waits for a callback is not known to wait.
#[test]
fn iterating_a_loop_in_the_only_thread_there_may_be() {
    if passes_in_child(NO_THREAD) {
        return;
    }
    qio_task::set_max_threads(std::num::NonZero::<usize>::MIN);
    on_context(|context| {
        let ends = Ends::new();
        QioTask::builder().callback(log(&ends)).run_in_thread(|_| {
            on_context(|inner| {
                let ends = Ends::new();
                QioTask::builder()
                    // Without it this would wait for ever.
                    .timeout(Duration::from_millis(20))
                    .callback(log(&ends))
                    .run_in_thread(|_| Ok(()));
                iterate_until(inner, || !ends.is_empty());
                assert!(matches!(ends.take()[..], [Err(Error::TimedOut)]));
            });
            Ok(())
        });
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn a_worker_that_does_not_return() {
    on_context(|context| {
        let ends = Ends::new();
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .timeout(Duration::from_millis(20))
            .callback(log(&ends))
            .run_in_thread(move |_| {
                wait();
                Ok(())
            });
        gate.wait_for_arrival();
        // Its task ends, and others have threads.
        iterate_until(context, || !ends.is_empty());
        assert!(matches!(ends.take()[..], [Err(Error::TimedOut)]));
        assert!(running.is_finished());
        running.wait();
        QioTask::builder()
            .callback(log(&ends))
            .run_in_thread(|_| Ok(()))
            .wait();
        assert_eq!(ends.len(), 1);
        drop(gate);
    });
}
