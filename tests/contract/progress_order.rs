//! Rule 12: a value reported before a task completes is delivered before that completion.

use std::time::Duration;

use glib::Priority;
use qio_task::{Error, Progress, QioTask};

use crate::common::{Log, builder, gate, iterate, iterate_until, on_context};

fn reporter(log: &Log<u32>) -> Progress<u32> {
    let log = log.clone();
    unpaced(move |value| log.push(value))
}

/// One whose callback is called as soon as the loop is ready for it.
fn unpaced<T: Send + 'static>(callback: impl FnMut(T) + 'static) -> Progress<T> {
    Progress::with_interval(Duration::ZERO, callback)
}

const END: u32 = 1_000_000;

#[test]
fn progress_comes_before_the_completion_at_any_priority() {
    on_context(|context| {
        for priority in [Priority::HIGH, Priority::DEFAULT_IDLE, Priority::LOW] {
            for wait in [false, true] {
                let log = Log::new();
                let progress = reporter(&log);
                let running = {
                    let log = log.clone();
                    QioTask::builder()
                        .priority(priority)
                        .callback(move |_: Result<(), Error>| log.push(END))
                        .run_in_thread(move |_| {
                            for value in 0..100 {
                                progress.report(value);
                            }
                            Ok(())
                        })
                };
                if wait {
                    running.wait();
                } else {
                    iterate_until(context, || log.contains(&END));
                }
                iterate(context);
                let seen = log.take();
                assert_eq!(
                    seen[seen.len() - 2..],
                    [99, END],
                    "the last is never skipped"
                );
                assert!(seen.is_sorted(), "{seen:?}");
            }
        }
    });
}

#[test]
fn progress_comes_before_an_inline_completion() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let task = {
            let log = log.clone();
            QioTask::builder().callback(move |_: Result<(), Error>| log.push(END))
        };
        std::thread::spawn(move || progress.report(5))
            .join()
            .unwrap();
        task.complete(Ok(()));
        assert_eq!(log.take(), [5, END]);
        iterate(context);
        assert!(log.is_empty());
    });
}

#[test]
fn progress_is_coalesced_to_the_newest() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        for value in 0..10 {
            progress.report(value);
        }
        iterate(context);
        assert_eq!(log.take(), [9]);
        progress.report(10);
        iterate(context);
        assert_eq!(log.take(), [10]);
    });
}

#[test]
fn progress_arrives_while_the_worker_is_busy() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                progress.report(1);
                wait();
                Ok(())
            });
        iterate_until(context, || !log.is_empty());
        gate.open();
        running.wait();
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn progress_reported_from_inside_its_own_callback() {
    on_context(|context| {
        let log = Log::new();
        let slot = std::rc::Rc::new(std::cell::RefCell::new(None::<Progress<u32>>));
        let progress = {
            let (log, slot) = (log.clone(), slot.clone());
            unpaced(move |value| {
                log.push(value);
                if value < 3
                    && let Some(progress) = &*slot.borrow()
                {
                    progress.report(value + 1);
                }
            })
        };
        slot.replace(Some(progress.clone()));
        progress.report(1);
        iterate(context);
        assert_eq!(log.take(), [1, 2, 3]);
        slot.take();
    });
}

#[test]
fn progress_drops_its_callback_at_home() {
    on_context(|context| {
        let (captured, dropped) = crate::common::Dropped::here();
        let progress = Progress::new(move |(): ()| {
            let _ = &captured;
        });
        let clone = progress.clone();
        drop(progress);
        std::thread::spawn(move || drop(clone)).join().unwrap();
        iterate(context);
        assert_eq!(crate::common::count(&dropped), 1);
    });
}

#[test]
fn progress_that_panics_loses_nothing() {
    on_context(|context| {
        let log = Log::new();
        let mut calls = 0;
        let bad = Progress::new(move |(): ()| {
            calls += 1;
            assert!(calls > 1, "the first time");
        });
        let good = reporter(&log);
        let running = {
            let (log, bad, good) = (log.clone(), bad.clone(), good.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| log.push(END))
                .run_in_thread(move |_| {
                    bad.report(());
                    good.report(1);
                    Ok(())
                })
        };
        let waited = std::panic::AssertUnwindSafe(|| running.wait());
        assert!(std::panic::catch_unwind(waited).is_err());
        iterate(context);
        assert_eq!(log.take(), [1, END], "through the loop, later");
        bad.report(());
        good.report(2);
        iterate(context);
        assert_eq!(log.take(), [2]);
    });
}

#[test]
fn progress_that_cancels_wins_over_the_completion_it_comes_before() {
    use gio::prelude::*;
    on_context(|_| {
        let log = Log::new();
        let cancellable = gio::Cancellable::new();
        let progress = Progress::new({
            let cancellable = cancellable.clone();
            move |(): ()| cancellable.cancel()
        });
        let ends = log.clone();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result: Result<(), Error>| {
                ends.push(u32::from(matches!(result, Err(Error::Cancelled))));
            })
            .run_in_thread(move |_| {
                progress.report(());
                Ok(())
            })
            .wait();
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn progress_without_a_rest_does_not_hold_up_the_loop() {
    on_context(|context| {
        let log = Log::new();
        let progress = unpaced(|_: u32| {});
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let noise = std::thread::spawn(move || {
            while stopped.try_recv().is_err() {
                progress.report(0);
            }
        });
        for number in 0..20 {
            let ends = log.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| ends.push(number))
                .run_in_thread(|_| Ok(()));
            iterate_until(context, || !log.is_empty());
            assert_eq!(log.take(), [number]);
        }
        stop.send(()).unwrap();
        noise.join().unwrap();
    });
}

#[test]
fn progress_that_unwinds_before_an_inline_completion_does_not_lose_it() {
    on_context(|context| {
        for name in [None, Some("named")] {
            let log = Log::new();
            let progress = Progress::new(|(): ()| panic!("on purpose"));
            let ends = log.clone();
            let builder = builder(name);
            let task = builder.callback(move |result: Result<u32, Error>| ends.push(result.ok()));
            progress.report(());
            let completed = std::panic::AssertUnwindSafe(|| task.complete(Ok(1)));
            assert!(std::panic::catch_unwind(completed).is_err());
            assert!(log.is_empty());
            iterate(context);
            assert_eq!(log.take(), [Some(1)], "through the loop, later; {name:?}");
        }
    });
}

#[test]
fn progress_that_was_missed_by_a_callback_that_unwinds_is_delivered_later() {
    on_context(|context| {
        let log = Log::new();
        let slot: std::rc::Rc<std::cell::RefCell<Option<Progress<u32>>>> = std::rc::Rc::default();
        let progress = unpaced({
            let (log, slot, context) = (log.clone(), slot.clone(), context.clone());
            move |value| {
                log.push(value);
                if value == 1 {
                    // Comes up while this runs, and can't be called now.
                    slot.borrow().as_ref().unwrap().report(2);
                    iterate(&context);
                    panic!("on purpose");
                }
            }
        });
        slot.replace(Some(progress.clone()));
        progress.report(1);
        let task = QioTask::builder().callback(|result: Result<(), Error>| result.unwrap());
        let completed = std::panic::AssertUnwindSafe(|| task.complete(Ok(())));
        assert!(std::panic::catch_unwind(completed).is_err());
        iterate(context);
        progress.report(3);
        iterate(context);
        // It has itself.
        slot.take();
        let last = log.take();
        assert_eq!(
            (last.first(), last.last()),
            (Some(&1), Some(&3)),
            "{last:?}"
        );
        assert!(last.contains(&2), "{last:?}");
    });
}
