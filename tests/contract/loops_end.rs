//! Rule 14: loops that quit, contexts that are dropped, processes that exit.

mod destroyed_source;

use std::{sync::mpsc, thread, time::Duration};

use gio::prelude::*;
use glib::{MainContext, MainLoop};
use qio_task::{Error, Progress, QioTask};

use crate::common::{
    Dropped, Log, PATIENCE, builder, count, fatal_warnings, gate, iterate, iterate_until,
    on_context, on_dying_context, passes_in_child, use_the_library, wait_until,
};

fn never<T>(captured: Dropped) -> impl FnOnce(Result<T, Error>) {
    move |_| {
        let _captured = captured;
        panic!("what a dead context can't deliver is not called");
    }
}

#[test]
fn a_context_dropped_with_deliveries_pending_drops_them() {
    let mut counters = Vec::new();
    on_dying_context(|context| {
        for _ in 0..3 {
            let (captured, dropped) = Dropped::here();
            QioTask::builder()
                .callback(never::<u32>(captured))
                .complete_in_idle(Ok(1));
            counters.push(dropped);
        }
        let (captured, dropped) = Dropped::here();
        QioTask::builder()
            .callback_on(context, {
                let captured = glib::thread_guard::ThreadGuard::new(captured);
                move |_: Result<u32, Error>| drop(captured)
            })
            .complete_in_idle(Ok(1));
        counters.push(dropped);
        assert!(counters.iter().all(|dropped| count(dropped) == 0));
    });
    assert!(counters.iter().all(|dropped| count(dropped) == 1));
}

#[test]
fn a_context_dropped_while_a_worker_is_busy() {
    let (gate, wait) = gate();
    let (returned, has_returned) = mpsc::channel();
    let dropped = on_dying_context(|_| {
        let (captured, dropped) = Dropped::here();
        QioTask::builder()
            .callback(never::<u32>(captured))
            .run_in_thread(move |worker| {
                wait();
                returned.send(worker.is_cancelled()).unwrap();
                Ok(1)
            });
        gate.wait_for_arrival();
        dropped
    });
    assert_eq!(count(&dropped), 1, "with its context, on this thread");
    gate.open();
    let cancelled = has_returned.recv_timeout(PATIENCE);
    assert_eq!(cancelled, Ok(true), "nobody waits for it any more");
}

#[test]
fn a_context_lives_while_its_tasks_are_held() {
    let (captured, dropped) = Dropped::here();
    let source = gio::Cancellable::new();
    let source_dropped = source.downgrade();
    let cancellable = gio::Cancellable::new();
    let task = on_dying_context(|_| {
        QioTask::builder()
            .cancellable(&cancellable)
            .timeout(Duration::from_secs(100))
            .source(&source)
            .callback(move |_, _: Result<u32, Error>| drop(captured))
    });
    drop(source);
    assert_eq!(count(&dropped), 0);
    // Completed elsewhere, it can't be delivered any more. Its reference on
    // the context comes home, and both die as a task is next made here.
    thread::spawn(move || task.complete(Ok(1))).join().unwrap();
    use_the_library();
    assert_eq!(count(&dropped), 1);
    assert!(source_dropped.upgrade().is_none());
    cancellable.cancel();
}

#[test]
fn a_context_that_another_thread_lets_go_of_meanwhile() {
    crate::common::fatal_warnings();
    for round in 0..500 {
        let context = MainContext::new();
        let task = context
            .with_thread_default(|| QioTask::builder().callback(|_: Result<(), Error>| {}))
            .unwrap();
        let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
        let other = thread::spawn({
            let barrier = barrier.clone();
            move || {
                barrier.wait();
                drop(context);
            }
        });
        barrier.wait();
        for _ in 0..round {
            std::hint::spin_loop();
        }
        // Not in a dispatch, and not its default: the context has to be held.
        task.complete(Ok(()));
        other.join().unwrap();
    }
}

#[test]
fn a_context_dropped_with_a_watch_and_progress() {
    let (captured, dropped) = Dropped::here();
    let (in_progress, progress_dropped) = Dropped::here();
    let progress = on_dying_context(|_| {
        QioTask::builder()
            .callback(|_: Result<(), Error>| panic!("not called"))
            .poll_every(Duration::from_secs(100), move || {
                let _ = &captured;
                std::ops::ControlFlow::Continue(())
            });
        let progress = Progress::new(move |_: u32| {
            let _ = &in_progress;
        });
        progress.report(1);
        progress
    });
    assert_eq!((count(&dropped), count(&progress_dropped)), (1, 1));
    progress.report(2);
}

#[test]
fn a_value_for_a_dead_context_is_dropped_at_once() {
    let progress = on_dying_context(|_| {
        Progress::new(|_: std::sync::Arc<()>| unreachable!("its context is never iterated"))
    });
    let value = std::sync::Arc::new(());
    for _ in 0..2 {
        progress.report(value.clone());
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
    }
}

#[test]
fn a_loop_that_quits_leaves_the_rest_for_the_next() {
    on_context(|context| {
        let log = Log::new();
        let main_loop = MainLoop::new(Some(context), false);
        for number in 0..10 {
            let (log, main_loop) = (log.clone(), main_loop.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    log.push(number);
                    main_loop.quit();
                })
                .run_in_thread(|_| Ok(()));
        }
        main_loop.run();
        assert!(!log.is_empty());
        iterate_until(context, || log.len() == 10);
    });
}

#[test]
fn a_context_that_is_made_again_is_a_new_one() {
    crate::common::fatal_warnings();
    // The allocator likes to hand out the address of the last one.
    for _ in 0..100 {
        let context = MainContext::new();
        context
            .with_thread_default(|| {
                let log = Log::new();
                QioTask::builder()
                    .callback({
                        let log = log.clone();
                        move |_: Result<(), Error>| log.push(())
                    })
                    .complete_in_idle(Ok(()));
                iterate(&context);
                assert_eq!(log.len(), 1);
                let (captured, _) = Dropped::here();
                QioTask::builder()
                    .callback(never::<()>(captured))
                    .complete_in_idle(Ok(()));
            })
            .unwrap();
    }
}

#[test]
fn a_context_whose_last_owner_is_another_thread() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    let (sender, seen) = mpsc::channel();
    let task = QioTask::builder().callback_on(&context, move |_: Result<(), Error>| {
        sender.send(()).unwrap();
    });
    drop(context);
    thread::spawn(move || task.complete(Ok(()))).join().unwrap();
    assert!(seen.recv().is_err(), "dropped, not called");
}

const EXIT: &str = "loops_end::a_process_exits_with_work_under_way";

#[test]
fn a_process_exits_with_work_under_way() {
    if passes_in_child(EXIT) {
        return;
    }
    let context = MainContext::default();
    let _owner = context.acquire().unwrap();
    for _ in 0..100 {
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| {
                thread::sleep(PATIENCE * 2);
                Ok(())
            });
    }
    iterate(&context);
    std::process::exit(0);
}

#[test]
fn a_context_that_dies_on_another_thread_is_cleared_away_at_home() {
    crate::common::fatal_warnings();
    let (captured, dropped) = Dropped::here();
    let context = MainContext::new();
    let (gate, wait) = gate();
    context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(move |_: Result<(), Error>| drop(captured))
                .run_in_thread(move |_| {
                    wait();
                    Ok(())
                });
        })
        .unwrap();
    thread::spawn(move || drop(context)).join().unwrap();
    // This thread drops what is its own when it next makes a task.
    use_the_library();
    assert_eq!(count(&dropped), 1);
    drop(gate);
}

#[test]
fn a_driven_task_does_not_keep_its_context() {
    crate::common::fatal_warnings();
    let (captured, dropped) = Dropped::here();
    let captured = glib::thread_guard::ThreadGuard::new(captured);
    let context = MainContext::new();
    {
        let _owner = context.acquire().unwrap();
        QioTask::builder()
            .callback_on(&context, move |_: Result<(), Error>| drop(captured))
            .poll_every(Duration::from_secs(100), || {
                std::ops::ControlFlow::Continue(())
            });
    }
    drop(context);
    assert_eq!(count(&dropped), 1);
}

#[test]
fn contexts_come_and_go_without_a_trace() {
    let descriptors = || std::fs::read_dir("/dev/fd").unwrap().count();
    let before = descriptors();
    for _ in 0..200 {
        on_dying_context(|_| {
            QioTask::builder()
                .callback(|_: Result<(), Error>| {})
                .run_in_thread(|_| Ok(()))
                .wait();
        });
    }
    // Other tests run meanwhile; a leak would be of hundreds.
    assert!(descriptors() < before + 150);
}

#[test]
fn a_context_that_dies_on_another_thread_is_cleared_away_while_home_uses_another() {
    fatal_warnings();
    let (value, dropped) = Dropped::here();
    let far = {
        let context = MainContext::new();
        context
            .with_thread_default(|| {
                QioTask::builder()
                    .callback(never::<()>(value))
                    .complete_in_idle(Ok(()));
            })
            .unwrap();
        context
    };
    on_context(|_| {
        let complete = || {
            QioTask::builder()
                .callback(|result: Result<(), Error>| result.unwrap())
                .complete(Ok(()));
        };
        complete();
        thread::spawn(move || drop(far)).join().unwrap();
        assert_eq!(count(&dropped), 0, "not there");
        complete();
        assert_eq!(count(&dropped), 1, "as the library is next used here");
    });
}

#[test]
fn a_result_whose_context_dies_before_it_is_delivered_is_dropped_with_it() {
    fatal_warnings();
    for name in [None, Some("named")] {
        let (value, dropped) = Dropped::here();
        let context = MainContext::new();
        let task = context
            .with_thread_default(|| {
                let builder = builder(name);
                builder.callback(|_: Result<Dropped, Error>| panic!("its context is dead"))
            })
            .unwrap();
        // Only the task keeps it, and brings its reference home as it ends.
        drop(context);
        thread::spawn(move || task.complete(Ok(value)))
            .join()
            .unwrap();
        use_the_library();
        use_the_library();
        assert_eq!(count(&dropped), 1, "{name:?}");
    }
}

#[test]
fn a_worker_that_another_thread_has_started_is_told() {
    fatal_warnings();
    for name in [None, Some("named")] {
        let (value, dropped) = Dropped::here();
        let (told, is_told) = mpsc::channel();
        let (gate, wait) = gate();
        on_dying_context(|_| {
            let builder = builder(name);
            let task = builder.callback(never::<()>(value));
            thread::spawn(move || {
                drop(task.run_in_thread(move |worker| {
                    let cancellable = worker.cancellable().clone();
                    wait();
                    told.send((worker.is_cancelled(), cancellable.is_cancelled()))
                        .unwrap();
                    Ok(())
                }));
            })
            .join()
            .unwrap();
            gate.wait_for_arrival();
        });
        // The reference of the handle was sent home, where it is given back now.
        use_the_library();
        gate.open();
        assert_eq!(is_told.recv_timeout(PATIENCE), Ok((true, true)), "{name:?}");
        assert_eq!(count(&dropped), 1);
    }
}

const TOLD: &str = "loops_end::a_worker_that_waits_for_its_own_cancellable_is_told";

#[test]
fn a_worker_that_waits_for_its_own_cancellable_is_told() {
    // In a process of its own: the library warns of what is leaked.
    if passes_in_child(TOLD) {
        return;
    }
    let (told, is_told) = mpsc::channel();
    let context = MainContext::new();
    let its_thread = thread::spawn({
        let context = context.clone();
        move || {
            let (gate, wait) = gate();
            let start = || {
                QioTask::builder()
                    .callback(|_: Result<(), Error>| unreachable!("its thread has ended"))
                    .run_in_thread(move |worker| {
                        let cancellable = worker.cancellable();
                        cancellable.connect_cancelled(move |_| told.send(()).unwrap());
                        wait();
                        Ok(())
                    });
            };
            context.with_thread_default(start).unwrap();
            gate.wait_for_arrival();
            gate
        }
    });
    let gate = its_thread.join().unwrap();
    assert_eq!(is_told.recv_timeout(PATIENCE), Ok(()));
    gate.open();
}

#[test]
fn a_result_that_makes_a_task_as_it_is_dropped_with_its_context() {
    struct Maker(Log<u32>);
    impl Drop for Maker {
        fn drop(&mut self) {
            let log = self.0.clone();
            let task = QioTask::builder().callback(move |end: Result<u32, Error>| {
                log.push(end.unwrap());
            });
            task.complete(Ok(1));
        }
    }
    on_context(|_| {
        let dying = MainContext::new();
        let log = Log::new();
        let leave = || {
            let task = QioTask::builder().callback(|_: Result<Maker, Error>| unreachable!());
            task.complete_in_idle(Ok(Maker(log.clone())));
        };
        dying.with_thread_default(leave).unwrap();
        drop(dying);
        assert_eq!(log.take(), [1]);
    });
}

const DRIVEN: &str = "loops_end::a_driven_task_of_a_context_that_dies_elsewhere_is_leaked";

#[test]
fn a_driven_task_of_a_context_that_dies_elsewhere_is_leaked() {
    // In a process of its own: the library warns of what is leaked.
    if passes_in_child(DRIVEN) {
        return;
    }
    let (captured, dropped) = Dropped::here();
    let (in_callback, callback_dropped) = Dropped::here();
    let context = MainContext::new();
    let drive = || {
        QioTask::builder()
            .callback(never::<()>(in_callback))
            .poll_every(Duration::from_hours(1), move || {
                let _ = &captured;
                std::ops::ControlFlow::Continue(())
            });
    };
    context.with_thread_default(drive).unwrap();
    thread::spawn(move || drop(context)).join().unwrap();
    assert_eq!(count(&dropped), 0, "what GLib drops there is leaked");
    use_the_library();
    assert_eq!(count(&callback_dropped), 1, "what the library keeps is not");
}

/// More than what memory is kept for.
#[test]
fn a_flood_is_dropped_with_its_context() {
    const FLOOD: usize = (1 << 16) + 1;
    let counter = std::sync::Arc::new(());
    on_dying_context(|_| {
        for _ in 0..FLOOD {
            let counter = counter.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| drop(counter))
                .complete_in_idle(Ok(()));
        }
        // The last one goes before.
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .complete(Ok(()));
        assert_eq!(std::sync::Arc::strong_count(&counter), 1 + FLOOD);
    });
    assert_eq!(std::sync::Arc::strong_count(&counter), 1);
}

#[test]
fn an_error_that_waits_for_a_context_is_dropped_with_it() {
    let (error, dropped) = Dropped::anywhere();
    on_dying_context(|_| {
        let task = QioTask::builder().callback(|_: Result<(), Error<Dropped>>| {
            panic!("its context is never iterated");
        });
        task.run_in_thread(|_| Err(error)).wait_for_worker();
        assert_eq!(count(&dropped), 0);
    });
    // By another thread: it may be large.
    wait_until(|| count(&dropped) == 1);
}

#[test]
fn a_value_that_waits_for_a_context_is_dropped_with_it() {
    let value = std::sync::Arc::new(());
    let progress = on_dying_context(|_| {
        let progress = Progress::new(|_| unreachable!("its context is never iterated"));
        progress.report(value.clone());
        progress
    });
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
    drop(progress);
}

#[cfg(target_os = "linux")]
const HANDED_OVER: &str = "loops_end::what_a_dead_context_had_open_is_closed";

#[test]
#[cfg(target_os = "linux")]
fn what_a_dead_context_had_open_is_closed() {
    const THREADS: usize = 20;
    // In a process of its own: others open descriptors, too.
    if passes_in_child(HANDED_OVER) {
        return;
    }
    let descriptors = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = descriptors();
    let threads = (0..THREADS).map(|_| {
        let context = MainContext::new();
        let (made, is_made) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let maker = thread::spawn({
            let context = context.clone();
            move || {
                let builder = QioTask::builder();
                let task = builder.callback_on(&context, |_: Result<(), Error>| {});
                task.complete_in_idle(Ok(()));
                drop(context);
                made.send(()).unwrap();
                // It lives on, and has nothing more to do with this library.
                let _ = ends.recv_timeout(PATIENCE);
            }
        });
        is_made.recv_timeout(PATIENCE).unwrap();
        iterate(&context);
        drop(context);
        (maker, end)
    });
    let threads: Vec<_> = threads.collect();
    // The global default context has one, too, and the private one of `gtask`.
    assert!(descriptors() < before + THREADS);
    for (maker, end) in threads {
        drop(end);
        maker.join().unwrap();
    }
}
