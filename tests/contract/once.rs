//! Rule 1: every task calls its callback exactly once on every path.

use std::{sync::mpsc, thread, time::Duration};

use qio_task::{Error, QioTask};

use crate::common::{Log, gate, iterate, iterate_until, on_context};

type Ends = Log<Result<u32, Error>>;

/// A task whose callback logs the result.
fn task(ends: &Ends) -> QioTask<u32> {
    let ends = ends.clone();
    QioTask::builder().callback(move |result| ends.push(result))
}

#[test]
fn once_when_completed() {
    on_context(|context| {
        let ends = Ends::new();
        task(&ends).complete(Ok(1));
        task(&ends).complete(Err(glib::Error::new(gio::IOErrorEnum::Busy, "")));
        task(&ends).complete_in_idle(Ok(3));
        iterate(context);
        assert!(matches!(
            ends.take()[..],
            [Ok(1), Err(Error::Failed(_)), Ok(3)]
        ));
    });
}

#[test]
fn once_when_dropped() {
    on_context(|context| {
        let ends = Ends::new();
        drop(task(&ends));
        assert!(ends.is_empty(), "it comes through the loop");
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Abandoned)]));
    });
}

#[test]
fn once_when_dropped_on_a_worker_thread() {
    on_context(|context| {
        let ends = Ends::new();
        let task = task(&ends);
        thread::spawn(move || drop(task)).join().unwrap();
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Abandoned)]));
    });
}

#[test]
fn once_when_the_worker_drops_another_task() {
    on_context(|context| {
        let ends = Ends::new();
        let inner = task(&ends);
        task(&ends)
            .run_in_thread(move |_| {
                drop(inner);
                Ok(7)
            })
            .wait();
        iterate(context);
        assert!(matches!(ends.take()[..], [Ok(7), Err(Error::Abandoned)]));
    });
}

#[test]
fn once_when_everything_happens_together() {
    on_context(|context| {
        for round in 0..200 {
            let ends = Ends::new();
            let cancellable = gio::Cancellable::new();
            let log = ends.clone();
            let task = QioTask::builder()
                .cancellable(&cancellable)
                .timeout(Duration::from_millis(round % 3))
                .callback(move |result: Result<u32, Error>| log.push(result));
            let (gate, wait) = gate();
            let running = task.run_in_thread(move |_| {
                wait();
                assert!(round % 4 != 0, "the worker panics");
                Ok(1)
            });
            let canceller = thread::spawn({
                use gio::prelude::*;
                move || cancellable.cancel()
            });
            drop(gate);
            if round % 2 == 0 {
                running.wait();
            }
            canceller.join().unwrap();
            iterate_until(context, || !ends.is_empty());
            iterate(context);
            assert_eq!(ends.len(), 1, "in round {round}");
        }
    });
}

#[test]
fn completing_uses_the_task_up() {
    // That it does not compile twice is tested with the documentation of
    // `complete`; here, that the task is taken by value.
    fn by_value<T, E>(_: fn(QioTask<T, E>, Result<T, E>)) {}
    by_value::<u32, glib::Error>(QioTask::complete);
    by_value::<u32, glib::Error>(QioTask::complete_in_idle);
}

/// A result whose destructor panics, which it tells of before.
struct Spiteful(mpsc::Sender<()>);

impl Drop for Spiteful {
    fn drop(&mut self) {
        self.0.send(()).unwrap();
        panic!("dropped");
    }
}

#[test]
fn a_result_that_panics_as_it_gives_way_does_not_lose_the_callback() {
    on_context(|context| {
        let ends = Log::new();
        let (sender, dropped) = mpsc::channel();
        let run_and_cancel = || {
            let (ends, sender) = (ends.clone(), sender.clone());
            let (gate, wait) = gate();
            let running = QioTask::builder()
                .callback(move |result: Result<Spiteful, Error>| {
                    ends.push(matches!(result, Err(Error::Cancelled)));
                })
                .run_in_thread(|_| {
                    wait();
                    Ok(Spiteful(sender))
                });
            gate.wait_for_arrival();
            running.cancel();
            (running, gate)
        };
        let (running, gate) = run_and_cancel();
        gate.open();
        running.wait();
        assert_eq!(ends.take(), [true], "without a word of the result");
        assert!(dropped.try_recv().is_ok());

        // In the loop, when the callback has been called already.
        let (_running, gate) = run_and_cancel();
        iterate_until(context, || ends.len() == 1);
        gate.open();
        iterate_until(context, || dropped.try_recv().is_ok());
        assert_eq!(ends.take(), [true]);
    });
}
