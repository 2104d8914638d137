//! The newest wins: what was before is cancelled, and nothing of it comes after.

use std::thread;

use futures::StreamExt;
use glib::Priority;
use qio_task::{Builder, Error, Latest, Messages, Progress, QioTask, Running};
use static_assertions::assert_impl_all;

use crate::common::{Gate, Log, gate, iterate, iterate_until, on_context};

assert_impl_all!(Latest: Clone, Send, Sync, Unpin);

type Ends = Log<(u32, Result<u32, String>)>;

/// The result of the task `number` is that number.
fn task(builder: Builder, latest: &Latest, number: u32, ends: &Ends) -> QioTask<u32> {
    let ends = ends.clone();
    builder
        .latest(latest)
        .callback(move |end: Result<u32, Error>| {
            ends.push((number, end.map_err(|e| e.to_string())));
        })
}

fn cancelled(number: u32) -> (u32, Result<u32, String>) {
    let error: Error = Error::Cancelled;
    (number, Err(error.to_string()))
}

fn at_a_gate(latest: &Latest, number: u32, ends: &Ends) -> (Gate, Running) {
    let (gate, wait) = gate();
    let running = task(QioTask::builder(), latest, number, ends).run_in_thread(move |_| {
        wait();
        Ok(number)
    });
    gate.wait_for_arrival();
    (gate, running)
}

#[test]
fn each_cancels_the_one_before() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let workers: Vec<_> = (0..5)
            .map(|number| at_a_gate(&latest, number, &ends))
            .collect();
        assert!(latest.is_pending());
        for (gate, running) in workers {
            gate.open();
            running.wait_for_worker();
        }
        iterate_until(context, || ends.len() == 5);
        let all: Vec<_> = (0..4).map(cancelled).chain([(4, Ok(4))]).collect();
        assert_eq!(ends.take(), all);
        iterate_until(context, || !latest.is_pending());
    });
}

/// A result that waits for the loop is one of the past, whatever its task was told.
#[test]
fn a_result_that_was_there_already() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let builder = QioTask::builder().check_cancellable(false);
        task(builder, &latest, 0, &ends).complete_in_idle(Ok(0));
        task(QioTask::builder(), &latest, 1, &ends).complete_in_idle(Ok(1));
        iterate(context);
        assert_eq!(ends.take(), [cancelled(0), (1, Ok(1))]);
    });
}

#[test]
fn one_that_was_to_return_first_is_told_at_once() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let (gate, wait) = gate();
        let builder = QioTask::builder().return_on_cancel(false);
        let running = task(builder, &latest, 0, &ends).run_in_thread(move |_| {
            wait();
            Ok(0)
        });
        gate.wait_for_arrival();
        task(QioTask::builder(), &latest, 1, &ends).complete_in_idle(Ok(1));
        iterate(context);
        assert_eq!(ends.take(), [cancelled(0), (1, Ok(1))]);
        gate.open();
        running.wait_for_worker();
    });
}

#[test]
fn before_the_new_one_is_told_though_that_is_inline_or_more_urgent() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let kept = task(QioTask::builder(), &latest, 0, &ends);
        task(QioTask::builder(), &latest, 1, &ends).complete(Ok(1));
        assert_eq!(ends.take(), [cancelled(0), (1, Ok(1))]);
        drop(kept);

        let kept = task(
            QioTask::builder().priority(Priority::LOW),
            &latest,
            2,
            &ends,
        );
        let urgent = QioTask::builder().priority(Priority::HIGH);
        task(urgent, &latest, 3, &ends).complete_in_idle(Ok(3));
        iterate(context);
        assert_eq!(ends.take(), [cancelled(2), (3, Ok(3))]);
        drop(kept);
        iterate(context);
        assert!(ends.is_empty());
    });
}

/// What the worker of a task does before the task is replaced, or else cancelled, and after that,
/// is told to nobody.
fn assert_nothing_comes_after(
    is_replaced: bool,
    builder: Builder,
    seen: &Log<u32>,
    report: impl FnOnce() + Send + 'static,
    report_again: impl FnOnce() + Send + 'static,
    context: &glib::MainContext,
) {
    let (latest, ends) = (Latest::new(), Ends::new());
    let (reported, wait) = gate();
    let (gate, go_on) = gate();
    let running = task(builder, &latest, 0, &ends).run_in_thread(move |_| {
        report();
        wait();
        go_on();
        report_again();
        Ok(0)
    });
    reported.wait_for_arrival();
    let next = is_replaced.then(|| task(QioTask::builder(), &latest, 1, &ends));
    if !is_replaced {
        latest.cancel();
    }
    reported.open();
    gate.wait_for_arrival();
    gate.open();
    running.wait_for_worker();
    iterate(context);
    assert!(seen.is_empty());
    match next {
        Some(next) => {
            next.complete(Ok(1));
            assert_eq!(ends.take(), [cancelled(0), (1, Ok(1))]);
        }
        None => assert_eq!(ends.take(), [cancelled(0)]),
    }
    assert!(seen.is_empty());
}

fn each_way(test: impl Fn(bool, &glib::MainContext)) {
    for is_replaced in [true, false] {
        on_context(|context| test(is_replaced, context));
    }
}

#[test]
fn neither_progress_nor_what_was_reported_comes_after() {
    each_way(|is_replaced, context| {
        let seen = Log::new();
        let log = seen.clone();
        let progress = Progress::new(move |value: u32| log.push(value));
        let builder = QioTask::builder().progress(&progress);
        let again = progress.clone();
        let report = move || progress.report(1);
        let report_again = move || again.report(2);
        assert_nothing_comes_after(is_replaced, builder, &seen, report, report_again, context);
    });
}

#[test]
fn nor_do_messages() {
    each_way(|is_replaced, context| {
        let seen = Log::new();
        let log = seen.clone();
        let messages = Messages::new(10, move |value: u32| log.push(value));
        let builder = QioTask::builder().messages(&messages);
        let again = messages.clone();
        let send = move || messages.send(1).unwrap();
        let send_again = move || assert!(again.send(2).is_err());
        assert_nothing_comes_after(is_replaced, builder, &seen, send, send_again, context);
    });
}

#[test]
fn nor_does_a_stream_yield_what_was_sent() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let (messages, mut stream) = Messages::stream(10);
        let builder = QioTask::builder().messages(&messages);
        let pending = task(builder, &latest, 0, &ends);
        for value in 0..3 {
            messages.send(value).unwrap();
        }
        assert_eq!(context.block_on(stream.next()), Some(0));
        task(QioTask::builder(), &latest, 1, &ends).complete(Ok(1));
        assert_eq!(ends.take(), [cancelled(0), (1, Ok(1))]);
        assert_eq!(context.block_on(stream.next()), None);
        drop(pending);
    });
}

#[test]
fn what_has_committed_is_told_as_it_ends() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let (gate, wait) = gate();
        let running = task(QioTask::builder(), &latest, 0, &ends).run_in_thread(move |worker| {
            worker.commit().unwrap();
            wait();
            Ok(0)
        });
        gate.wait_for_arrival();
        task(QioTask::builder(), &latest, 1, &ends).complete(Ok(1));
        gate.open();
        running.wait();
        iterate(context);
        assert_eq!(ends.take(), [(1, Ok(1)), (0, Ok(0))]);
    });
}

#[test]
fn cancel_ends_the_newest() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        latest.cancel();
        let kept = task(QioTask::builder(), &latest, 0, &ends);
        latest.cancel();
        iterate(context);
        assert_eq!(ends.take(), [cancelled(0)]);
        drop(kept);
        assert!(!latest.is_pending());
    });
}

#[test]
fn made_in_the_callback_of_the_one_before() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let (again, log) = (latest.clone(), ends.clone());
        let builder = QioTask::builder().latest(&latest);
        builder
            .callback(move |_: Result<(), Error>| {
                task(QioTask::builder(), &again, 1, &log).complete(Ok(1));
            })
            .complete(Ok(()));
        iterate(context);
        assert_eq!(ends.take(), [(1, Ok(1))]);
    });
}

/// Whatever the moment at which the one before ends.
#[test]
fn under_races() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let all = 2_000;
        for number in 0..all {
            task(QioTask::builder(), &latest, number, &ends).run_in_thread(move |_| Ok(number));
            if number % 3 == 0 {
                thread::yield_now();
            }
            if number % 7 == 0 {
                iterate(context);
            }
        }
        iterate_until(context, || ends.len() == all as usize);
        let ends = ends.take();
        assert_eq!(ends.last(), Some(&(all - 1, Ok(all - 1))));
        let numbers: Vec<_> = ends.iter().map(|(number, _)| *number).collect();
        assert!(numbers.is_sorted(), "each is told before the next one");
        iterate_until(context, || !latest.is_pending());
    });
}

#[test]
fn in_their_order_also_for_whichever_thread() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let kept = task(
            QioTask::builder().priority(Priority::LOW),
            &latest,
            0,
            &ends,
        );
        let other = glib::MainContext::new();
        let (told, is_told) = std::sync::mpsc::channel();
        let anywhere = QioTask::builder().latest(&latest).callback_on(context, {
            move |_: Result<u32, Error>| told.send(()).unwrap()
        });
        let newest = other.with_thread_default(|| task(QioTask::builder(), &latest, 2, &ends));
        drop(newest);
        assert!(context.iteration(false));
        assert_eq!(ends.take(), [cancelled(0)]);
        is_told.try_recv().unwrap();
        drop((kept, anywhere));
        iterate(context);
        iterate(&other);
        assert_eq!(ends.len(), 1);
    });
}

/// It does not replace itself.
#[test]
fn named_twice() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let builder = QioTask::builder().latest(&latest);
        task(builder, &latest, 0, &ends).complete_in_idle(Ok(0));
        iterate(context);
        assert_eq!(ends.take(), [(0, Ok(0))]);
        assert!(!latest.is_pending());
    });
}

/// Those before are told first, in an order that there is not.
#[test]
fn two_that_two_tasks_are_in_by_different_orders() {
    on_context(|context| {
        let ends = Ends::new();
        let all = [Latest::new(), Latest::new()];
        // Of the second, the first task comes after the second one.
        let held = QioTask::builder().latest(&all[1]);
        let (log, first) = (ends.clone(), all[0].clone());
        let later = held.callback(move |end: Result<u32, Error>| {
            log.push((1, end.map_err(|error| error.to_string())));
            drop(first);
        });
        let builder = QioTask::builder().latest(&all[1]);
        let both = task(builder, &all[0], 0, &ends);
        let newest = task(QioTask::builder().latest(&all[1]), &all[0], 2, &ends);
        iterate(context);
        newest.complete(Ok(2));
        assert_eq!(ends.take(), [cancelled(1), cancelled(0), (2, Ok(2))]);
        drop((later, both));
    });
}

/// A cache hit, as the one before is about to end and its last messages are being delivered.
#[test]
fn made_and_completed_in_a_message_of_the_one_before() {
    on_context(|context| {
        let (latest, ends) = (Latest::new(), Ends::new());
        let messages = Messages::new(8, {
            let (latest, ends) = (latest.clone(), ends.clone());
            move |number: u32| {
                if number == 0 {
                    task(QioTask::builder(), &latest, 1, &ends).complete(Ok(1));
                }
            }
        });
        let builder = QioTask::builder().messages(&messages);
        let first = task(builder, &latest, 0, &ends);
        (0..4).for_each(|number| messages.send(number).unwrap());
        first.complete_in_idle(Ok(0));
        iterate_until(context, || ends.len() == 2);
        assert_eq!(ends.take(), [cancelled(0), (1, Ok(1))]);
        iterate_until(context, || !latest.is_pending());
    });
}

#[test]
fn what_has_committed_may_go_on_sending() {
    on_context(|context| {
        let (latest, ends, seen) = (Latest::new(), Ends::new(), Log::new());
        let log = seen.clone();
        let messages = Messages::new(8, move |value: u32| log.push(value));
        let (gate, wait) = gate();
        let builder = QioTask::builder().messages(&messages);
        let running = task(builder, &latest, 0, &ends).run_in_thread(move |worker| {
            worker.commit()?;
            wait();
            messages.send(7)?;
            Ok(0)
        });
        gate.wait_for_arrival();
        let newest = task(QioTask::builder(), &latest, 1, &ends);
        gate.open();
        running.wait();
        newest.complete(Ok(1));
        iterate(context);
        assert_eq!(seen.take(), [7]);
        assert_eq!(ends.take(), [(0, Ok(0)), (1, Ok(1))]);
    });
}
