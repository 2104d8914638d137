//! Rule 5: at the task's priority, first in first out, giving way, nesting.

use std::{
    ops::ControlFlow,
    thread,
    time::{Duration, Instant},
};

use glib::{MainLoop, Priority};
use qio_task::{Error, QioTask};

use crate::common::{Log, iterate, iterate_until, on_context};

fn numbered(log: &Log<u32>, number: u32, priority: Priority) -> QioTask<()> {
    let log = log.clone();
    QioTask::builder()
        .priority(priority)
        .callback(move |_| log.push(number))
}

#[test]
fn first_in_first_out_among_equals() {
    on_context(|context| {
        let log = Log::new();
        for number in 0..100 {
            let task = numbered(&log, number, Priority::DEFAULT_IDLE);
            match number % 3 {
                0 => task.complete_in_idle(Ok(())),
                1 => drop(task),
                _ => thread::spawn(move || task.complete(Ok(()))).join().unwrap(),
            }
        }
        iterate(context);
        assert!(log.take().into_iter().eq(0..100));
    });
}

#[test]
fn first_in_first_out_across_tasks_made_in_the_dispatch() {
    on_context(|context| {
        let log = Log::new();
        let first = {
            let log = log.clone();
            QioTask::builder().callback(move |_: Result<(), Error>| {
                log.push(0);
                // Made and completed in the iteration that delivers this one.
                numbered(&log, 2, Priority::DEFAULT_IDLE).complete_in_idle(Ok(()));
                numbered(&log, 3, Priority::DEFAULT_IDLE).complete_in_idle(Ok(()));
            })
        };
        first.complete_in_idle(Ok(()));
        numbered(&log, 1, Priority::DEFAULT_IDLE).complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [0, 1, 2, 3]);
    });
}

#[test]
fn priorities_come_in_their_order() {
    on_context(|context| {
        let log = Log::new();
        numbered(&log, 3, Priority::LOW).complete_in_idle(Ok(()));
        numbered(&log, 2, Priority::DEFAULT_IDLE).complete_in_idle(Ok(()));
        numbered(&log, 1, Priority::DEFAULT).complete_in_idle(Ok(()));
        numbered(&log, 0, Priority::HIGH).complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [0, 1, 2, 3]);
    });
}

#[test]
fn default_priority_is_idle() {
    on_context(|context| {
        let log = Log::new();
        numbered(
            &log,
            1,
            QioTask::builder()
                .callback(|_: Result<(), Error>| {})
                .priority(),
        )
        .complete_in_idle(Ok(()));
        let source = glib::idle_source_new(None, Priority::HIGH_IDLE, {
            let log = glib::thread_guard::ThreadGuard::new(log.clone());
            move || {
                log.get_ref().push(0);
                glib::ControlFlow::Break
            }
        });
        source.attach(Some(context));
        iterate(context);
        assert_eq!(log.take(), [0, 1]);
    });
}

#[test]
fn a_flood_gives_way() {
    on_context(|context| {
        let log = Log::new();
        for number in 0..40 {
            let log = log.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    let start = Instant::now();
                    while start.elapsed() < Duration::from_millis(1) {}
                    log.push(number);
                })
                .complete_in_idle(Ok(()));
        }
        // Two of a millisecond each fill a dispatch; how many exactly is the
        // clock's business, but never may all of them pass at once.
        let mut iterations = 0;
        while log.len() < 40 {
            let before = log.len();
            context.iteration(true);
            assert!(
                log.len() - before <= 3,
                "one iteration ran {}",
                log.len() - before
            );
            iterations += 1;
        }
        assert!(iterations >= 13);
        assert!(log.take().into_iter().eq(0..40));
    });
}

#[test]
fn a_nested_loop_goes_on_delivering() {
    on_context(|context| {
        let log = Log::new();
        let nest = |depth: u32, inner: Box<dyn FnOnce()>| {
            let (log, context) = (log.clone(), context.clone());
            QioTask::builder().callback(move |_: Result<(), Error>| {
                let main_loop = MainLoop::new(Some(&context), false);
                inner();
                QioTask::builder()
                    .callback({
                        let main_loop = main_loop.clone();
                        move |_: Result<(), Error>| main_loop.quit()
                    })
                    .run_in_thread(|_| Ok(()));
                main_loop.run();
                log.push(depth);
            })
        };
        // Three loops deep, each with the deliveries of the outer ones pending.
        let third = nest(3, Box::new(|| {}));
        let second = nest(2, Box::new(move || third.complete_in_idle(Ok(()))));
        let first = nest(1, Box::new(move || second.complete_in_idle(Ok(()))));
        first.complete_in_idle(Ok(()));
        for number in 10..13 {
            numbered(&log, number, Priority::DEFAULT_IDLE).complete_in_idle(Ok(()));
        }
        iterate(context);
        let seen = log.take();
        assert_eq!(seen.len(), 6, "{seen:?}");
        let position = |number| seen.iter().position(|seen| *seen == number).unwrap();
        assert!(position(10) < position(11) && position(11) < position(12));
        assert!(
            position(12) < position(1),
            "the rest came in the nested loop"
        );
    });
}

#[test]
fn a_foreign_completion_wakes_a_nested_loop() {
    on_context(|context| {
        let log = Log::new();
        let outer = {
            let (log, context) = (log.clone(), context.clone());
            QioTask::builder().callback(move |_: Result<(), Error>| {
                let nested = MainLoop::new(Some(&context), false);
                let task = QioTask::builder().callback({
                    let nested = nested.clone();
                    move |_: Result<(), Error>| nested.quit()
                });
                // Nothing is queued as the loop starts: it has to be woken.
                let thread = thread::spawn(move || {
                    thread::sleep(Duration::from_millis(10));
                    task.complete(Ok(()));
                });
                nested.run();
                thread.join().unwrap();
                log.push(1);
            })
        };
        outer.complete_in_idle(Ok(()));
        iterate(context);
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn a_dispatch_gives_way_after_each_callback_that_takes_long() {
    on_context(|context| {
        let log = Log::new();
        for takes in [0, 0, 0, 4, 4, 4] {
            let log = log.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    thread::sleep(Duration::from_millis(takes));
                    log.push(if takes == 0 { "short" } else { "long" });
                })
                .complete_in_idle(Ok(()));
        }
        // Due whenever a long one has run, and ahead of the next.
        let tick = QioTask::builder()
            .priority(Priority::DEFAULT)
            .callback(|_: Result<(), Error>| {})
            .poll_every(Duration::from_millis(1), {
                let log = log.clone();
                move || {
                    log.push("tick");
                    ControlFlow::Continue(())
                }
            });
        iterate_until(context, || log.count(&"long") == 3);
        tick.cancel();
        let log = log.take();
        let longs: Vec<usize> = (0..log.len()).filter(|at| log[*at] == "long").collect();
        for pair in longs.windows(2) {
            assert!(log[pair[0]..pair[1]].contains(&"tick"), "{log:?}");
        }
    });
}

#[test]
fn a_flood_leaves_room_for_the_next() {
    // More than anything keeps memory for.
    const FLOOD: u32 = 70_000;
    on_context(|context| {
        let log = Log::new();
        for _ in 0..2 {
            for number in 0..FLOOD {
                let log = log.clone();
                QioTask::builder()
                    .callback(move |result: Result<u32, Error>| log.push(result.unwrap()))
                    .complete_in_idle(Ok(number));
            }
            iterate(context);
            assert!(log.take().into_iter().eq(0..FLOOD));
        }
    });
}
