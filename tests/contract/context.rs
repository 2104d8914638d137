//! Rule 3: the creating thread's default context is where the callback runs.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use glib::{MainContext, MainLoop};
use qio_task::{Error, QioTask};

use crate::common::{Log, iterate, iterate_until, on_context};

fn note_context(log: &Log<MainContext>) -> impl FnOnce(Result<(), Error>) + use<> {
    let log = log.clone();
    move |_| log.push(MainContext::ref_thread_default())
}

#[test]
fn context_is_taken_at_creation() {
    on_context(|first| {
        let log = Log::new();
        let task = QioTask::builder().callback(note_context(&log));
        let second = MainContext::new();
        second
            .with_thread_default(|| task.complete_in_idle(Ok(())))
            .unwrap();
        iterate(&second);
        assert!(log.is_empty());
        iterate(first);
        assert_eq!(log.take(), std::slice::from_ref(first));
    });
}

#[test]
fn context_is_the_default_during_an_inline_callback() {
    on_context(|first| {
        let log = Log::new();
        let task = QioTask::builder().callback(note_context(&log));
        let second = MainContext::new();
        second
            .with_thread_default(|| {
                task.complete(Ok(()));
                assert_eq!(MainContext::ref_thread_default(), second);
            })
            .unwrap();
        assert_eq!(log.take(), std::slice::from_ref(first));
    });
}

#[test]
fn context_is_the_default_in_a_loop_that_did_not_make_it_so() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    let log = Log::new();
    let running = context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(note_context(&log))
                .run_in_thread(|_| Ok(()))
        })
        .unwrap();
    iterate_until(&context, || !log.is_empty());
    drop(running);
    assert_eq!(log.take(), std::slice::from_ref(&context));
    let again = context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(note_context(&log))
                .run_in_thread(|_| Ok(()))
        })
        .unwrap();
    again.wait();
    assert_eq!(log.take(), [context]);
}

#[test]
fn two_threads_do_not_cross_talk() {
    let threads: Vec<_> = (0..2)
        .map(|number: u32| {
            thread::spawn(move || {
                on_context(|context| {
                    let this = thread::current().id();
                    let main_loop = MainLoop::new(Some(context), false);
                    let log = Log::new();
                    for value in 0..500 {
                        let (log, main_loop) = (log.clone(), main_loop.clone());
                        QioTask::builder()
                            .callback(move |result: Result<(u32, u32), Error>| {
                                assert_eq!(thread::current().id(), this);
                                log.push(result.unwrap());
                                if log.len() == 500 {
                                    main_loop.quit();
                                }
                            })
                            .run_in_thread(move |_| Ok((number, value)));
                    }
                    main_loop.run();
                    let mut seen = log.take();
                    seen.sort_unstable();
                    let expected: Vec<_> = (0..500).map(|value| (number, value)).collect();
                    assert_eq!(seen, expected);
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn callback_on_runs_in_the_thread_of_its_context() {
    on_context(|_| {
        let context = MainContext::new();
        let (sender, seen) = mpsc::channel();
        QioTask::builder()
            .callback_on(&context, move |result: Result<u32, Error>| {
                let here = (thread::current().id(), MainContext::ref_thread_default());
                sender.send((result.unwrap(), here)).unwrap();
            })
            .run_in_thread(|_| Ok(9));
        let owner = thread::spawn({
            let context = context.clone();
            move || {
                let (value, (thread, default)) = loop {
                    context.iteration(true);
                    if let Ok(seen) = seen.try_recv() {
                        break seen;
                    }
                };
                assert_eq!(value, 9);
                assert_eq!(thread, thread::current().id());
                assert_eq!(default, context);
            }
        });
        owner.join().unwrap();
    });
}

#[test]
fn what_another_thread_can_not_deliver_stays_in_its_order() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    let log = Log::new();
    let complete = |number: u32| {
        let log = log.clone();
        context
            .with_thread_default(|| {
                QioTask::builder()
                    .callback(move |_: Result<(), Error>| log.push(number))
                    .complete_in_idle(Ok(()));
            })
            .unwrap();
    };
    complete(1);
    complete(2);
    let elsewhere = context.clone();
    thread::spawn(move || iterate(&elsewhere)).join().unwrap();
    assert!(log.is_empty());
    complete(3);
    iterate_until(&context, || log.len() == 3);
    assert_eq!(log.take(), [1, 2, 3]);

    complete(4);
    let elsewhere = context.clone();
    thread::spawn(move || iterate(&elsewhere)).join().unwrap();
    iterate_until(&context, || log.len() == 1);
}

/// GLib lets nobody make a context their default that another thread owns.
#[test]
fn context_is_not_the_default_while_another_thread_owns_it() {
    on_context(|own| {
        let context = MainContext::new();
        let log = Log::new();
        let task = context
            .with_thread_default(|| QioTask::builder().callback(note_context(&log)))
            .unwrap();
        thread::scope(|scope| {
            let (gate, wait) = crate::common::gate();
            let elsewhere = context.clone();
            scope.spawn(move || {
                let _owner = elsewhere.acquire().unwrap();
                wait();
            });
            gate.wait_for_arrival();
            task.complete(Ok(()));
            assert_eq!(
                log.take(),
                std::slice::from_ref(own),
                "it is called all the same"
            );
            gate.open();
        });
    });
}

/// And not when a timer has it looked for again.
#[test]
fn what_another_thread_has_left_is_found_as_its_own_iterates_again() {
    let context = MainContext::new();
    let log = Log::new();
    context
        .with_thread_default(|| {
            QioTask::builder()
                .callback(note_context(&log))
                .complete_in_idle(Ok(()));
        })
        .unwrap();
    // It looks in vain after 10 ms, then after 20, and so on.
    let begun = Instant::now();
    thread::scope(|scope| {
        let iterate_elsewhere = || {
            while begun.elapsed() < Duration::from_millis(500) {
                context.iteration(false);
                thread::sleep(Duration::from_millis(1));
            }
        };
        scope.spawn(iterate_elsewhere);
    });
    assert!(log.is_empty());
    iterate(&context);
    assert_eq!(log.take(), [context]);
}

#[test]
fn two_contexts_of_one_thread_do_not_cross_talk() {
    on_context(|first| {
        let second = MainContext::new();
        let log = Log::new();
        let on = |context: &MainContext, number: u32| {
            let make = || {
                let (log, context) = (log.clone(), context.clone());
                QioTask::builder().callback(move |result: Result<(), Error>| {
                    assert_eq!(MainContext::ref_thread_default(), context);
                    result.unwrap();
                    log.push(number);
                })
            };
            context.with_thread_default(make).unwrap()
        };
        // By turns, so that what was used last is never what is needed next.
        let tasks = [on(first, 1), on(&second, 2), on(first, 3), on(&second, 4)];
        for task in tasks {
            task.complete_in_idle(Ok(()));
        }
        iterate(&second);
        assert_eq!(log.take(), [2, 4]);
        iterate(first);
        assert_eq!(log.take(), [1, 3], "in the order of their completion");
    });
}
