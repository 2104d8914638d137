//! Rule 12: a worker may report as often as it likes, and its callback is called at a pace; a
//! completion does not wait for that.

use std::{
    cell::Cell,
    rc::Rc,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use glib::{MainContext, Priority};
use qio_task::{Error, Progress, QioTask};

use crate::common::{Dropped, Log, count, iterate, iterate_until, on_context, on_dying_context};

/// One that no test waits for.
const HOUR: Duration = Duration::from_hours(1);

/// What the callback of a task says.
const END: u32 = 1_000_000;

fn reporter(interval: Duration, log: &Log<u32>) -> Progress<u32> {
    let log = log.clone();
    Progress::with_interval(interval, move |value| log.push(value))
}

/// Reports without a rest until `calls` calls have come, and says how long they took.
fn time_of_calls(context: &MainContext, progress: Progress<u32>, log: &Log<u32>) -> Duration {
    const CALLS: usize = 6;
    let (stop, stopped) = mpsc::channel::<()>();
    let start = Instant::now();
    let noise = thread::spawn(move || {
        while stopped.try_recv() != Err(mpsc::TryRecvError::Disconnected) {
            progress.report(0);
        }
    });
    iterate_until(context, || log.len() >= CALLS);
    let took = start.elapsed();
    drop(stop);
    noise.join().unwrap();
    let pauses = u32::try_from(CALLS - 1).unwrap();
    took / pauses
}

#[test]
fn a_worker_that_reports_without_a_rest_is_told_of_once_in_16_ms() {
    on_context(|context| {
        let log = Log::new();
        let told = log.clone();
        let progress = Progress::new(move |value| told.push(value));
        assert!(time_of_calls(context, progress, &log) >= Duration::from_millis(16));
    });
}

#[test]
fn a_worker_that_reports_without_a_rest_is_told_of_once_in_its_interval() {
    on_context(|context| {
        for interval in [1, 40].map(Duration::from_millis) {
            let log = Log::new();
            let progress = reporter(interval, &log);
            assert!(time_of_calls(context, progress, &log) >= interval);
        }
    });
}

#[test]
fn without_an_interval_each_value_comes_at_once() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(Duration::ZERO, &log);
        for value in 0..100 {
            progress.report(value);
            iterate(context);
        }
        assert!(log.take().into_iter().eq(0..100));
    });
}

#[test]
fn the_first_value_comes_at_once_and_the_next_one_rests() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(HOUR, &log);
        progress.report(1);
        iterate(context);
        assert_eq!(log.take(), [1]);
        progress.report(2);
        iterate(context);
        assert!(log.is_empty());
    });
}

#[test]
fn the_last_value_comes_after_the_interval_where_no_task_ends() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(Duration::from_millis(20), &log);
        progress.report(1);
        iterate(context);
        progress.report(2);
        progress.report(3);
        drop(progress);
        iterate_until(context, || log.len() == 2);
        iterate(context);
        assert_eq!(log.take(), [1, 3]);
    });
}

#[test]
fn a_completion_does_not_wait_for_the_interval() {
    on_context(|context| {
        for priority in [Priority::HIGH, Priority::DEFAULT_IDLE, Priority::LOW] {
            for way in ["inline", "idle", "worker", "wait"] {
                let log = Log::new();
                let progress = reporter(HOUR, &log);
                progress.report(1);
                iterate(context);
                progress.report(2);
                iterate(context);
                let end = log.clone();
                let task = QioTask::builder()
                    .priority(priority)
                    .callback(move |_: Result<(), Error>| end.push(END));
                match way {
                    "inline" => task.complete(Ok(())),
                    "idle" => task.complete_in_idle(Ok(())),
                    "worker" => drop(task.run_in_thread(|_| Ok(()))),
                    _ => task.run_in_thread(|_| Ok(())).wait(),
                }
                iterate_until(context, || log.contains(&END));
                assert_eq!(log.take(), [1, 2, END], "{way}");
                // It rests since that.
                progress.report(3);
                iterate(context);
                assert!(log.is_empty(), "{way}");
            }
        }
    });
}

#[test]
fn those_that_rest_come_before_a_completion_in_the_order_of_their_reports() {
    on_context(|context| {
        let log = Log::new();
        let reporters = [HOUR, Duration::ZERO, HOUR, HOUR].map(|interval| reporter(interval, &log));
        for progress in &reporters {
            progress.report(0);
        }
        iterate(context);
        log.take();
        for (value, index) in (1..).zip([3, 0, 1, 2]) {
            reporters[index].report(value);
        }
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .complete(Ok(()));
        assert_eq!(log.take(), [1, 2, 3, 4]);
    });
}

#[test]
fn one_that_rests_does_not_hold_up_another() {
    on_context(|context| {
        let log = Log::new();
        let (rests, other) = (reporter(HOUR, &log), reporter(HOUR, &log));
        rests.report(1);
        iterate(context);
        rests.report(2);
        other.report(3);
        iterate(context);
        assert_eq!(log.take(), [1, 3]);
    });
}

#[test]
fn the_loop_sleeps_while_a_value_rests() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(Duration::from_millis(50), &log);
        progress.report(1);
        iterate(context);
        progress.report(2);
        let mut iterations = 0;
        while log.len() < 2 {
            context.iteration(true);
            iterations += 1;
        }
        assert!(iterations < 20, "{iterations}");
    });
}

#[test]
fn a_loop_in_the_callback_does_not_call_it_too_early() {
    on_context(|context| {
        let log = Log::new();
        let slot: Rc<Cell<Option<Progress<u32>>>> = Rc::default();
        let progress = Progress::with_interval(HOUR, {
            let (log, slot, context) = (log.clone(), slot.clone(), context.clone());
            move |value| {
                log.push(value);
                if let Some(progress) = slot.take() {
                    progress.report(value + 1);
                    iterate(&context);
                    progress.report(value + 2);
                    iterate(&context);
                }
            }
        });
        slot.set(Some(progress.clone()));
        progress.report(1);
        iterate(context);
        assert_eq!(log.take(), [1]);
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .complete(Ok(()));
        assert_eq!(log.take(), [3], "the last is never skipped");
    });
}

#[test]
fn a_value_that_rests_is_dropped_with_its_context() {
    let (captured, callback_dropped) = Dropped::here();
    let (value, dropped) = Dropped::anywhere();
    let progress = on_dying_context(|context| {
        let progress = Progress::with_interval(HOUR, move |_: Option<Dropped>| {
            let _ = &captured;
        });
        progress.report(None);
        iterate(context);
        progress.report(Some(value));
        iterate(context);
        progress
    });
    assert_eq!((count(&dropped), count(&callback_dropped)), (1, 1));
    drop(progress);
}

#[test]
fn an_interval_that_is_too_long_to_count_is_one() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(Duration::MAX, &log);
        for value in [1, 2] {
            progress.report(value);
            iterate(context);
        }
        assert_eq!(log.take(), [1]);
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .complete(Ok(()));
        assert_eq!(log.take(), [2]);
    });
}
