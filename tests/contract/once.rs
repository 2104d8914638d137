//! Rule 1: every task calls its callback exactly once on every path.

use std::{thread, time::Duration};

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
