//! Rule 6: `Running::wait` blocks, takes back the delivery, and runs the callback here.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use glib::MainContext;
use qio_task::{Error, QioTask};

use crate::common::{
    Log, PATIENCE, builder, gate, iterate, iterate_until, on_context, passes_in_child,
};

#[test]
fn wait_with_the_worker_still_busy() {
    on_context(|context| {
        let log = Log::new();
        let (gate, wait) = gate();
        let returned = Arc::new(AtomicBool::new(false));
        let running = QioTask::builder()
            .callback({
                let log = log.clone();
                move |result: Result<u32, Error>| log.push(result.unwrap())
            })
            .run_in_thread({
                let returned = returned.clone();
                move |_| {
                    wait();
                    thread::sleep(Duration::from_millis(5));
                    returned.store(true, Ordering::SeqCst);
                    Ok(4)
                }
            });
        gate.open();
        running.wait();
        assert!(returned.load(Ordering::SeqCst));
        assert_eq!(log.take(), [4]);
        iterate(context);
        assert!(log.is_empty(), "the delivery was taken back");
    });
}

/// A result that takes a moment to go.
struct Slow(Arc<AtomicBool>);

impl Drop for Slow {
    fn drop(&mut self) {
        thread::sleep(Duration::from_millis(5));
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn wait_lasts_until_a_late_result_is_gone() {
    on_context(|_| {
        let (gate, wait) = gate();
        let is_gone = Arc::new(AtomicBool::new(false));
        let result = Slow(is_gone.clone());
        let running = QioTask::builder()
            .callback(|result: Result<Slow, Error>| {
                assert!(matches!(result, Err(Error::Cancelled)));
            })
            .run_in_thread(move |_| {
                wait();
                Ok(result)
            });
        gate.wait_for_arrival();
        running.cancel();
        gate.open();
        running.wait();
        assert!(is_gone.load(Ordering::SeqCst));
    });
}

#[test]
fn wait_with_the_delivery_already_queued() {
    on_context(|context| {
        let log = Log::new();
        let (sender, passed) = mpsc::channel();
        let make = |number: u32| {
            let (log, sender) = (log.clone(), sender.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| log.push(number))
                .run_in_thread(move |_| {
                    sender.send(()).unwrap();
                    Ok(())
                })
        };
        let first = make(1);
        passed.recv().unwrap();
        let second = make(2);
        passed.recv().unwrap();
        thread::sleep(Duration::from_millis(5));
        second.wait();
        assert_eq!(log.take(), [2], "only its own");
        iterate_until(context, || !log.is_empty());
        assert_eq!(log.take(), [1]);
        first.wait();
        assert!(log.is_empty(), "it ran already, and is not run again");
    });
}

#[test]
fn wait_for_one_of_many_leaves_the_others_queued() {
    on_context(|context| {
        let log = Log::new();
        let (sender, passed) = mpsc::channel();
        let mut tasks: Vec<_> = (0..8)
            .map(|number| {
                let (log, sender) = (log.clone(), sender.clone());
                let task = QioTask::builder()
                    .callback(move |_: Result<(), Error>| log.push(number))
                    .run_in_thread(move |_| {
                        sender.send(()).unwrap();
                        Ok(())
                    });
                passed.recv().unwrap();
                // Most are queued by then.
                thread::sleep(Duration::from_millis(2));
                Some(task)
            })
            .collect();
        for number in [5, 2, 7, 0] {
            tasks[number].take().unwrap().wait();
            assert_eq!(log.take(), [number], "only its own");
        }
        iterate_until(context, || log.len() == 4);
        iterate(context);
        let mut others = log.take();
        others.sort_unstable();
        assert_eq!(others, [1, 3, 4, 6]);
    });
}

#[test]
fn wait_does_not_iterate_the_loop() {
    on_context(|context| {
        let ran = Rc::new(Cell::new(false));
        context.spawn_local({
            let ran = ran.clone();
            async move { ran.set(true) }
        });
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()))
            .wait();
        assert!(!ran.get());
    });
}

#[test]
fn wait_for_a_cancelled_task_waits_for_its_worker() {
    on_context(|context| {
        let log = Log::new();
        let (gate, wait) = gate();
        let returned = Arc::new(AtomicBool::new(false));
        let running = QioTask::builder()
            .callback({
                let log = log.clone();
                move |result: Result<(), Error>| log.push(matches!(result, Err(Error::Cancelled)))
            })
            .run_in_thread({
                let returned = returned.clone();
                move |worker| {
                    wait();
                    while !worker.is_cancelled() {
                        thread::yield_now();
                    }
                    returned.store(true, Ordering::SeqCst);
                    Ok(())
                }
            });
        gate.wait_for_arrival();
        gate.open();
        running.cancel();
        running.wait();
        assert!(returned.load(Ordering::SeqCst));
        assert_eq!(log.take(), [true]);
        iterate(context);
        assert!(log.is_empty());
    });
}

#[test]
fn wait_inside_of_a_callback_for_a_task_made_there() {
    on_context(|context| {
        let log = Log::new();
        QioTask::builder()
            .callback({
                let log = log.clone();
                move |_: Result<(), Error>| {
                    let inner = log.clone();
                    QioTask::builder()
                        .callback(move |result: Result<u32, Error>| inner.push(result.unwrap()))
                        .run_in_thread(|_| Ok(1))
                        .wait();
                    log.push(2);
                }
            })
            .run_in_thread(|_| Ok(()));
        iterate_until(context, || log.len() == 2);
        assert_eq!(log.take(), [1, 2]);
    });
}

#[test]
fn wait_for_callback_on_runs_it_here_when_the_context_is_free() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    let (sender, ran) = mpsc::channel();
    QioTask::builder()
        .callback_on(&context, move |_: Result<(), Error>| {
            let here = MainContext::ref_thread_default();
            sender.send((thread::current().id(), here)).unwrap();
        })
        .run_in_thread(|_| Ok(()))
        .wait();
    assert_eq!(ran.try_recv().unwrap(), (thread::current().id(), context));
}

#[test]
fn wait_for_callback_on_waits_for_the_owner() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    let (ready, is_ready) = mpsc::channel();
    let (stop, stopped) = mpsc::channel::<()>();
    let owner = thread::spawn({
        let context = context.clone();
        move || {
            context
                .clone()
                .with_thread_default(|| {
                    ready.send(thread::current().id()).unwrap();
                    while stopped.try_recv().is_err() {
                        context.iteration(false);
                        thread::yield_now();
                    }
                })
                .unwrap();
        }
    });
    let owner_id = is_ready.recv().unwrap();
    let (sender, ran) = mpsc::channel();
    QioTask::builder()
        .callback_on(&context, move |_: Result<(), Error>| {
            sender.send(thread::current().id()).unwrap();
        })
        .run_in_thread(|_| Ok(()))
        .wait();
    assert_eq!(ran.try_recv(), Ok(owner_id), "before `wait` returned");
    stop.send(()).unwrap();
    owner.join().unwrap();
}

#[test]
fn wait_by_two_threads_for_one_free_context() {
    crate::common::fatal_warnings();
    let context = MainContext::new();
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            let context = context.clone();
            thread::spawn(move || {
                for _ in 0..100 {
                    QioTask::builder()
                        .callback_on(&context, |_: Result<(), Error>| {
                            thread::sleep(Duration::from_micros(200));
                        })
                        .run_in_thread(|_| Ok(()))
                        .wait();
                }
            })
        })
        .collect();
    for waiter in waiters {
        waiter.join().unwrap();
    }
}

#[test]
fn wait_after_the_callback_has_run_returns_at_once() {
    on_context(|context| {
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                wait();
                Ok(())
            });
        gate.wait_for_arrival();
        running.cancel();
        iterate_until(context, || running.is_finished());
        running.wait();
        // The worker stood at its gate all the while.
        gate.open();
    });
}

#[test]
fn wait_for_a_task_of_another_thread_returns_when_that_has_delivered() {
    on_context(|context| {
        let (sender, ran) = mpsc::channel();
        let task = QioTask::builder()
            .callback(move |_: Result<(), Error>| sender.send(thread::current().id()).unwrap());
        let done = Arc::new(AtomicBool::new(false));
        let other = thread::spawn({
            let done = done.clone();
            move || {
                task.run_in_thread(|_| Ok(())).wait();
                let ran = ran.try_recv();
                done.store(true, Ordering::SeqCst);
                ran
            }
        });
        thread::sleep(Duration::from_millis(20));
        iterate_until(context, || done.load(Ordering::SeqCst));
        assert_eq!(other.join().unwrap(), Ok(thread::current().id()));
    });
}

#[test]
fn wait_for_a_task_of_another_thread_does_not_return_inside_its_callback() {
    for name in [None, Some("named")] {
        on_context(|context| {
            let (ask, is_asked) = mpsc::channel();
            let (answer, answers) = mpsc::channel();
            let ends = Log::new();
            let log = ends.clone();
            let task = builder(name).callback(move |result: Result<(), Error>| {
                result.unwrap();
                // What the other thread has sent here comes now at the latest.
                QioTask::builder()
                    .callback(|result: Result<(), Error>| result.unwrap())
                    .complete(Ok(()));
                ask.send(()).unwrap();
                log.push(answers.recv_timeout(PATIENCE));
            });
            let other = thread::spawn(move || {
                let running = task.run_in_thread(|_| Ok(()));
                is_asked.recv_timeout(PATIENCE).unwrap();
                answer.send(running.is_finished()).unwrap();
                running.wait();
            });
            iterate_until(context, || !ends.is_empty());
            assert_eq!(ends.take(), [Ok(false)], "{name:?}");
            other.join().unwrap();
        });
    }
}

const ENDED: &str = "wait::wait_for_a_task_whose_thread_has_ended";

#[test]
fn wait_for_a_task_whose_thread_has_ended() {
    // In a process of its own: there is a warning of what is leaked.
    if passes_in_child(ENDED) {
        return;
    }
    for name in [None, Some("named")] {
        let (context, task) = thread::spawn(move || {
            let context = MainContext::new();
            let task = context.with_thread_default(|| {
                let builder = builder(name);
                builder.callback(|_: Result<(), Error>| panic!("its thread is gone"))
            });
            (context, task.unwrap())
        })
        .join()
        .unwrap();
        task.run_in_thread(|_| Ok(())).wait();
        drop(context);
    }
}

const ENDS: &str = "wait::wait_for_a_task_whose_thread_ends_meanwhile";

#[test]
fn wait_for_a_task_whose_thread_ends_meanwhile() {
    // In a process of its own: there is a warning of what is leaked.
    if passes_in_child(ENDS) {
        return;
    }
    let (sender, task) = mpsc::channel();
    let (quit, wait) = gate();
    let home = thread::spawn(move || {
        MainContext::new()
            .with_thread_default(|| {
                let task = QioTask::builder()
                    .callback(|_: Result<(), Error>| panic!("its thread never iterates"));
                sender.send(task).unwrap();
                wait();
            })
            .unwrap();
    });
    let task = task.recv().unwrap();
    let running = task.run_in_thread(|_| Ok(()));
    quit.wait_for_arrival();
    quit.open();
    running.wait();
    home.join().unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn wait_leaves_nothing_in_a_context_that_nobody_iterates() {
    fn resident() -> usize {
        let memory = std::fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = memory.split(' ').nth(1).unwrap().parse().unwrap();
        pages * 4096
    }

    // AddressSanitizer keeps what is freed for a while.
    let is_sanitized = std::env::var_os("ASAN_OPTIONS").is_some();
    let name = "wait::wait_leaves_nothing_in_a_context_that_nobody_iterates";
    if is_sanitized || passes_in_child(name) {
        return;
    }
    on_context(|_| {
        let wait_often = || {
            for _ in 0..5_000 {
                let task = QioTask::builder().callback(|_: Result<(), Error>| {});
                task.run_in_thread(|_| Ok(())).wait();
            }
        };
        wait_often();
        let before = resident();
        wait_often();
        let grown = resident().saturating_sub(before);
        assert!(grown < 1 << 19, "{grown} bytes for tasks that have ended");
    });
}
