//! Rule 8: as rule 7, with `TimedOut`, counted from the task's creation.

use std::{
    ops::ControlFlow,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use gio::prelude::*;
use qio_task::{Error, QioTask, Worker};

use crate::common::{Log, PATIENCE, gate, iterate, iterate_until, on_context};

const SHORT: Duration = Duration::from_millis(10);
/// For a worker that has to have started by then.
const LONGER: Duration = Duration::from_millis(300);

fn is_timeout(result: &Result<u32, Error>) -> bool {
    matches!(result, Err(Error::TimedOut))
}

#[test]
fn timeout_while_the_worker_is_busy() {
    on_context(|context| {
        let ends = Log::new();
        let log = ends.clone();
        let (gate, wait) = gate();
        let (report, reported) = mpsc::channel();
        let running = QioTask::builder()
            .timeout(LONGER)
            .callback(move |result| log.push(is_timeout(&result)))
            .run_in_thread(move |worker| {
                wait();
                report.send(worker.is_cancelled()).unwrap();
                Ok(1)
            });
        gate.wait_for_arrival();
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [true]);
        gate.open();
        assert_eq!(reported.recv_timeout(PATIENCE), Ok(true));
        running.wait();
        iterate(context);
        assert!(ends.is_empty());
    });
}

#[test]
fn timeout_counts_from_the_creation() {
    on_context(|context| {
        let ends = Log::new();
        let log = ends.clone();
        let start = Instant::now();
        let task = QioTask::builder()
            .timeout(SHORT)
            .callback(move |result| log.push(is_timeout(&result)));
        thread::sleep(2 * SHORT);
        // Time is up, though the loop has not seen it: it is seen first.
        iterate_until(context, || !ends.is_empty());
        assert!(start.elapsed() >= SHORT);
        assert_eq!(ends.take(), [true]);
        drop(task);
    });
}

/// No whole number of milliseconds, in which GLib counts.
const PARTIAL: Duration = Duration::from_micros(900);

#[test]
fn timeout_is_not_early_by_a_part_of_a_millisecond() {
    on_context(|context| {
        for time in [PARTIAL, SHORT + PARTIAL] {
            for _ in 0..10 {
                let ends = Log::new();
                let log = ends.clone();
                let start = Instant::now();
                let task = QioTask::builder()
                    .timeout(time)
                    .callback(move |result| log.push((is_timeout(&result), start.elapsed())));
                iterate_until(context, || !ends.is_empty());
                let (timed_out, after) = ends.take().remove(0);
                assert!(timed_out && after >= time, "{after:?}");
                drop(task);
            }
        }
    });
}

#[test]
fn timeout_is_not_early_for_who_waits_or_asks() {
    on_context(|_| {
        for _ in 0..10 {
            let ends = Log::new();
            let log = ends.clone();
            let start = Instant::now();
            QioTask::builder()
                .timeout(PARTIAL)
                .callback(move |result| log.push((is_timeout(&result), start.elapsed())))
                .run_in_thread(move |worker| {
                    while !worker.is_cancelled() {
                        thread::yield_now();
                    }
                    assert!(start.elapsed() >= PARTIAL, "as the worker sees it");
                    Ok(1)
                })
                .wait();
            let (timed_out, after) = ends.take().remove(0);
            assert!(timed_out && after >= PARTIAL, "{after:?}");
        }
    });
}

#[test]
fn timeouts_come_in_the_order_of_their_times_however_they_were_made() {
    const APART: Duration = Duration::from_millis(20);

    fn make(number: u32, ends: &Log<(u32, bool)>) -> QioTask<u32> {
        let log = ends.clone();
        let builder = QioTask::builder().timeout(APART * (number + 1));
        builder.callback(move |result| log.push((number, is_timeout(&result))))
    }

    for made in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        on_context(|context| {
            // Counted from when each was made: all of them at about the same time.
            let (ends, tasks) = loop {
                let (ends, start) = (Log::new(), Instant::now());
                let tasks = made.map(|number| make(number, &ends));
                if start.elapsed() < APART {
                    break (ends, tasks);
                }
            };
            iterate_until(context, || ends.len() == made.len());
            let in_order = [0, 1, 2, 3].map(|number| (number, true));
            assert_eq!(ends.take(), in_order, "made in the order {made:?}");
            drop(tasks);
        });
    }
}

#[test]
fn timeout_does_not_outlive_the_task() {
    on_context(|context| {
        let ends = Log::new();
        let log = ends.clone();
        QioTask::builder()
            .timeout(SHORT)
            .callback(move |result| log.push(is_timeout(&result)))
            .complete(Ok(1));
        iterate(context);
        thread::sleep(2 * SHORT);
        assert!(!context.iteration(false), "its source is gone");
        assert_eq!(ends.take(), [false]);
    });
}

#[test]
fn timeout_races_the_completion() {
    on_context(|context| {
        for _ in 0..50 {
            let ends = Log::new();
            let log = ends.clone();
            let task = QioTask::builder()
                .timeout(Duration::from_millis(1))
                .callback(move |result| log.push(is_timeout(&result)));
            let completer = thread::spawn(move || {
                thread::sleep(Duration::from_millis(1));
                task.complete(Ok(1));
            });
            iterate_until(context, || !ends.is_empty());
            completer.join().unwrap();
            iterate(context);
            assert_eq!(ends.len(), 1);
        }
    });
}

/// What is kept for a timeout that is over serves the next one.
#[test]
fn timeout_that_begins_as_another_is_over() {
    on_context(|context| {
        let ends = Log::new();
        let task = || {
            let log = ends.clone();
            let builder = QioTask::builder().priority(glib::Priority::LOW);
            let builder = builder.timeout(SHORT);
            builder.callback(move |result| log.push(is_timeout(&result)))
        };
        let first = task();
        iterate_until(context, || first.is_cancelled());
        assert!(ends.is_empty(), "it waits for its turn");
        let second = task();
        iterate_until(context, || second.is_cancelled());
        iterate_until(context, || ends.len() == 2);
        assert_eq!(ends.take(), [true; 2]);
    });
}

#[test]
fn timeout_of_ages_is_as_good_as_none() {
    on_context(|context| {
        for builder in [
            QioTask::builder().timeout(Duration::MAX),
            // The last one counts.
            QioTask::builder().timeout(SHORT).timeout(Duration::MAX),
        ] {
            let ends = Log::new();
            let log = ends.clone();
            let task = builder.callback(move |result| log.push(is_timeout(&result)));
            thread::sleep(2 * SHORT);
            iterate(context);
            assert!(ends.is_empty());
            task.complete(Ok(1));
            assert_eq!(ends.take(), [false]);
        }
    });
}

/// Waits for a task whose worker blocks in `until_stopped`: it has to time out.
fn wait_until_it_times_out(until_stopped: impl FnOnce(&Worker) + Send + 'static) {
    on_context(|_| {
        let ends = Log::new();
        let log = ends.clone();
        QioTask::builder()
            .timeout(SHORT)
            .callback(move |result| log.push(is_timeout(&result)))
            .run_in_thread(move |worker| {
                until_stopped(worker);
                Ok(1)
            })
            .wait();
        assert_eq!(ends.take(), [true]);
    });
}

#[test]
fn timeout_of_a_task_that_is_waited_for() {
    wait_until_it_times_out(|worker| {
        // Nobody iterates the loop: it sees the time by itself.
        while !worker.is_cancelled() {
            thread::sleep(Duration::from_millis(1));
        }
    });
}

#[test]
fn timeout_of_a_task_that_is_waited_for_and_does_not_ask() {
    wait_until_it_times_out(|worker| {
        // Whoever waits sees the time, and stops what blocks here.
        let (stop, stopped) = mpsc::channel();
        worker
            .cancellable()
            .connect_cancelled(move |_| stop.send(()).unwrap());
        assert_eq!(stopped.recv_timeout(PATIENCE), Ok(()));
    });
}

#[test]
fn timeout_of_a_task_for_whoever_owns_its_context() {
    on_context(|context| {
        let (sender, end) = mpsc::channel();
        let task = QioTask::builder().timeout(SHORT).callback_on(
            context,
            move |result: Result<u32, Error>| {
                sender.send(is_timeout(&result)).unwrap();
            },
        );
        iterate_until(context, || end.try_recv() == Ok(true));
        task.complete(Ok(1));
        iterate(context);
        assert!(end.try_recv().is_err(), "once");
    });
}

#[test]
fn timeout_that_has_not_passed_is_not_told() {
    on_context(|_| {
        let ends = Log::new();
        let log = ends.clone();
        QioTask::builder()
            .timeout(Duration::from_hours(1))
            .callback(move |result: Result<u32, Error>| log.push(result.unwrap()))
            .run_in_thread(|worker| {
                assert!(!worker.is_cancelled());
                Ok(1)
            })
            .wait();
        assert_eq!(ends.take(), [1]);
    });
}

#[test]
fn what_the_loop_drives_is_not_called_any_more_once_time_is_up() {
    on_context(|context| {
        let ends = Log::new();
        let log = ends.clone();
        let calls = Log::new();
        let called = calls.clone();
        // At the priority of the timers, so that one iteration comes to both.
        let watch = QioTask::builder()
            .priority(glib::Priority::DEFAULT)
            .timeout(SHORT)
            .callback(move |result| log.push(is_timeout(&result)))
            .poll_every(SHORT / 2, move || {
                called.push(());
                ControlFlow::Continue(())
            });
        thread::sleep(2 * SHORT);
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [true]);
        assert!(calls.is_empty());
        assert!(watch.is_finished());
    });
}
