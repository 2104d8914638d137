//! Rule 12: messages are never skipped, wait within a bound, and come before the callback.

mod bound;
mod ends;
mod gone;
mod nested;
mod stream;
mod turns;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use glib::{MainContext, Priority};
use qio_task::{Builder, Error, Messages, QioTask};

use crate::common::{Dropped, Log, count, iterate_until, on_context};

/// What the callback of a task says.
const END: u32 = 1_000_000;

/// Iterates `context` until it has nothing to do, also where a slow machine has it give way to
/// others for a round.
fn iterate(context: &MainContext) {
    let mut idle = 0;
    while idle < 5 {
        idle = if context.iteration(false) {
            0
        } else {
            idle + 1
        };
    }
}

fn sender(bound: usize, log: &Log<u32>) -> Messages<u32> {
    let log = log.clone();
    Messages::new(bound, move |value| log.push(value))
}

/// A task of `builder` whose callback says that it has ended.
fn task(builder: Builder, log: &Log<u32>) -> QioTask<(), glib::Error> {
    let log = log.clone();
    builder.callback(move |_: Result<(), Error>| log.push(END))
}

/// One of these messages.
fn task_of(messages: &Messages<u32>, log: &Log<u32>) -> QioTask<(), glib::Error> {
    task(QioTask::builder().messages(messages), log)
}

/// A worker that sends so many, from 0 on.
fn send_all(
    messages: &Messages<u32>,
    number: u32,
) -> impl FnOnce(&qio_task::Worker) -> Result<(), glib::Error> + Send + use<> {
    let messages = messages.clone();
    move |_| {
        for value in 0..number {
            messages.send(value)?;
        }
        Ok(())
    }
}

fn all_and_end(number: u32) -> Vec<u32> {
    (0..number).chain([END]).collect()
}

#[test]
fn all_come_in_order_and_before_the_callback_at_any_priority_and_bound() {
    for bound in [1, 2, 7, 10_000] {
        for priority in [Priority::HIGH, Priority::DEFAULT_IDLE, Priority::LOW] {
            for wait in [false, true] {
                on_context(|context| {
                    let log = Log::new();
                    let messages = sender(bound, &log);
                    let builder = QioTask::builder().priority(priority).messages(&messages);
                    let running = task(builder, &log).run_in_thread(send_all(&messages, 1000));
                    if wait {
                        running.wait();
                    } else {
                        iterate_until(context, || log.contains(&END));
                    }
                    iterate(context);
                    assert!(
                        log.take() == all_and_end(1000),
                        "{bound} {priority:?} {wait}"
                    );
                });
            }
        }
    }
}

#[test]
fn all_come_before_the_callback_however_that_is_delivered() {
    for way in [
        "inline",
        "elsewhere",
        "idle",
        "worker",
        "wait",
        "cancelled",
        "dropped",
    ] {
        on_context(|context| {
            let log = Log::new();
            let messages = sender(100, &log);
            let task = task_of(&messages, &log);
            for value in 0..100 {
                messages.send(value).unwrap();
            }
            match way {
                "inline" => task.complete(Ok(())),
                "elsewhere" => thread::spawn(move || task.complete(Ok(()))).join().unwrap(),
                "idle" => task.complete_in_idle(Ok(())),
                "worker" => drop(task.run_in_thread(|_| Ok(()))),
                "wait" => task.run_in_thread(|_| Ok(())).wait(),
                "cancelled" => task.run_in_thread(|_| Ok(())).cancel(),
                _ => drop(task),
            }
            iterate_until(context, || log.contains(&END));
            messages.send(7).unwrap_err();
            iterate(context);
            assert_eq!(log.take(), all_and_end(100), "{way}");
        });
    }
}

#[test]
fn they_wait_for_no_completion() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(1, &log);
        let sends = thread::spawn(move || (0..1000).all(|value| messages.send(value).is_ok()));
        iterate_until(context, || log.len() == 1000);
        assert!(sends.join().unwrap());
        assert!(log.take().into_iter().eq(0..1000));
    });
}

#[test]
fn those_of_each_of_many_threads_stay_in_order() {
    const THREADS: u32 = 4;
    const EACH: u32 = 5_000;
    for bound in [1, 64] {
        on_context(|context| {
            let log = Log::new();
            let messages = sender(bound, &log);
            let threads: Vec<_> = (0..THREADS)
                .map(|thread| {
                    let messages = messages.clone();
                    thread::spawn(move || {
                        for value in 0..EACH {
                            messages.send(thread * EACH + value).unwrap();
                        }
                    })
                })
                .collect();
            iterate_until(context, || log.len() == (THREADS * EACH) as usize);
            for thread in threads {
                thread.join().unwrap();
            }
            let seen = log.take();
            for thread in 0..THREADS {
                let of_thread = |value: &u32| value / EACH == thread;
                let expected = thread * EACH..(thread + 1) * EACH;
                assert!(seen.iter().copied().filter(of_thread).eq(expected));
            }
        });
    }
}

#[test]
fn among_completions_of_the_same_priority_they_come_in_the_order_of_sending() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        messages.send(1).unwrap();
        task(QioTask::builder(), &log).complete_in_idle(Ok(()));
        iterate(context);
        task(QioTask::builder(), &log).complete_in_idle(Ok(()));
        messages.send(2).unwrap();
        iterate(context);
        assert_eq!(log.take(), [1, END, END, 2]);
    });
}

#[test]
fn they_have_the_priority_of_their_task() {
    on_context(|context| {
        let log = Log::new();
        let messages = sender(10, &log);
        // Sent before they belonged to it.
        messages.send(1).unwrap();
        let builder = QioTask::builder().priority(Priority::DEFAULT);
        let pending = task(builder.messages(&messages), &log);
        task(QioTask::builder().priority(Priority::HIGH_IDLE), &log).complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [1, END]);
        messages.send(2).unwrap();
        task(QioTask::builder().priority(Priority::HIGH_IDLE), &log).complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [2, END]);
        drop(pending);
    });
}

#[test]
fn the_context_is_the_default_in_their_callback() {
    on_context(|context| {
        let log = Log::new();
        let told = log.clone();
        let expected = context.clone();
        let messages = Messages::new(1, move |value: u32| {
            assert_eq!(MainContext::thread_default().as_ref(), Some(&expected));
            told.push(value);
        });
        messages.send(1).unwrap();
        iterate(context);
        let task = task_of(&messages, &log);
        messages.send(2).unwrap();
        task.run_in_thread(|_| Ok(())).wait();
        assert_eq!(log.take(), [1, 2, END]);
    });
}

#[test]
fn their_callback_is_dropped_at_home_after_the_last_clone() {
    on_context(|context| {
        let (captured, dropped) = Dropped::here();
        let log = Log::new();
        let told = log.clone();
        let messages = Messages::new(10, move |value: u32| {
            let _ = &captured;
            told.push(value);
        });
        let clone = messages.clone();
        drop(messages);
        thread::spawn(move || clone.send(1).unwrap())
            .join()
            .unwrap();
        assert_eq!(count(&dropped), 0, "something waits");
        iterate(context);
        assert_eq!(log.take(), [1]);
        assert_eq!(count(&dropped), 1);
    });
}

#[test]
fn a_callback_that_panics_inline_loses_no_other_message() {
    for end in ["completed", "waited for", "not ended"] {
        on_context(|context| {
            let log = Log::new();
            let told = log.clone();
            let messages = Messages::new(3, move |value: u32| {
                told.push(value);
                assert!(value != 1, "on purpose");
            });
            let task = task_of(&messages, &log);
            for value in 0..3 {
                messages.send(value).unwrap();
            }
            let ends = AssertUnwindSafe(|| match end {
                "completed" => task.complete(Ok(())),
                "waited for" => task.run_in_thread(|_| Ok(())).wait(),
                // Makes room here.
                _ => {
                    let sends = AssertUnwindSafe(|| messages.send(3));
                    let panicked = catch_unwind(sends);
                    iterate(context);
                    task.complete_in_idle(Ok(()));
                    panicked.map(drop).unwrap();
                }
            });
            assert!(catch_unwind(ends).is_err());
            iterate_until(context, || log.contains(&END));
            assert_eq!(log.take(), [0, 1, 2, END], "{end:?}");
        });
    }
}

#[test]
fn sending_is_a_sign_of_life_and_waiting_for_room_is_no_lack_of_it() {
    const LIMIT: Duration = Duration::from_millis(800);
    on_context(|context| {
        let log = Log::new();
        let messages = Messages::new(1, |_: u32| {});
        let ended = log.clone();
        QioTask::builder()
            .messages(&messages)
            .inactivity_timeout(LIMIT)
            .callback(move |result: Result<(), Error>| ended.push(result.is_ok()))
            .run_in_thread(send_all(&messages, 12));
        // The loop is held up for longer than the worker may be.
        thread::sleep(2 * LIMIT);
        iterate_until(context, || !log.is_empty());
        assert_eq!(log.take(), [true]);

        let messages = Messages::new(100, |_: u32| {});
        let ended = log.clone();
        QioTask::builder()
            .messages(&messages)
            .inactivity_timeout(LIMIT)
            .callback(move |result: Result<(), Error>| ended.push(result.is_ok()))
            .run_in_thread(move |_| {
                for value in 0..12 {
                    messages.send(value)?;
                    thread::sleep(LIMIT / 6);
                }
                Ok(())
            });
        iterate_until(context, || !log.is_empty());
        assert_eq!(log.take(), [true]);
    });
}
