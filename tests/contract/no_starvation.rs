//! Rule 10: a blocked worker never delays another.

mod left_behind;
mod priority;

use std::{
    num::NonZero,
    pin::Pin,
    sync::{Arc, Barrier, mpsc},
    task::Poll,
    thread,
    time::Duration,
};

use glib::MainContext;
use qio_task::{Error, QioTask, spawn_blocking};

use crate::common::{Gate, Log, PATIENCE, gate, iterate_until, on_context, passes_in_child};

#[test]
fn blocked_workers_do_not_delay_each_other() {
    on_context(|context| {
        // All of them have to run at once for any of them to pass.
        const WORKERS: usize = 200;
        let barrier = Arc::new(Barrier::new(WORKERS));
        let ends = Log::new();
        for _ in 0..WORKERS {
            let (barrier, ends) = (barrier.clone(), ends.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| ends.push(()))
                .run_in_thread(move |_| {
                    barrier.wait();
                    Ok(())
                });
        }
        iterate_until(context, || ends.len() == WORKERS);
    });
}

#[test]
fn a_worker_makes_and_waits_for_tasks_of_its_own() {
    on_context(|_| {
        fn count_down(depth: u32) -> u32 {
            if depth == 0 {
                return 0;
            }
            MainContext::new()
                .with_thread_default(|| {
                    let (sender, result) = mpsc::channel();
                    QioTask::builder()
                        .callback(move |result: Result<u32, Error>| {
                            sender.send(result.unwrap()).unwrap();
                        })
                        .run_in_thread(move |_| Ok(count_down(depth - 1) + 1))
                        .wait();
                    result.try_recv().unwrap()
                })
                .unwrap()
        }
        let (sender, result) = mpsc::channel();
        QioTask::builder()
            .callback(move |result: Result<u32, Error>| sender.send(result.unwrap()).unwrap())
            .run_in_thread(|_| Ok(count_down(20)))
            .wait();
        assert_eq!(result.try_recv(), Ok(20));
    });
}

/// The only worker there may be computes, until it passes `gate`: nobody else may.
fn assert_nobody_else_may(gate: Gate) {
    gate.wait_for_arrival();
    let (started, has_started) = mpsc::channel();
    let next = QioTask::builder()
        .callback(|result: Result<(), Error>| result.unwrap())
        .run_in_thread(move |_| {
            started.send(()).unwrap();
            Ok(())
        });
    let soon = Duration::from_millis(300);
    assert!(
        has_started.recv_timeout(soon).is_err(),
        "beyond the maximum"
    );
    gate.open();
    next.wait();
}

const NESTED: &str = "no_starvation::workers_that_wait_do_not_use_up_the_maximum";

#[test]
fn workers_that_wait_do_not_use_up_the_maximum() {
    if passes_in_child(NESTED) {
        return;
    }
    on_context(|context| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (sender, results) = mpsc::channel();
        let (gate, wait) = gate();
        let ends = Log::new();
        let log = ends.clone();
        QioTask::builder()
            .callback(move |result: Result<(), Error>| log.push(result.is_ok()))
            .run_in_thread(move |_| {
                on_context(|_| {
                    // More than once, and each time it computes in between.
                    for number in 0..2 {
                        let sender = sender.clone();
                        QioTask::builder()
                            .callback(move |end: Result<u32, Error>| sender.send(end).unwrap())
                            .run_in_thread(move |_| Ok(number))
                            .wait();
                    }
                });
                wait();
                Ok(())
            });
        assert_nobody_else_may(gate);
        // Iterated, and not waited for: that would have to be told apart.
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), [true]);
        assert!(results.try_iter().map(Result::unwrap).eq(0..2));
    });
}

const AWAITING: &str = "no_starvation::workers_that_await_do_not_use_up_the_maximum";

#[test]
fn workers_that_await_do_not_use_up_the_maximum() {
    if passes_in_child(AWAITING) {
        return;
    }
    on_context(|_| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (sender, result) = mpsc::channel();
        let (gate, wait) = gate();
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .run_in_thread(move |_| {
                let sum = on_context(|context| {
                    // The second is pending still when the first is there, and
                    // its worker can't start before the first's has returned.
                    let mut first = spawn_blocking(|_| Ok::<u32, glib::Error>(1));
                    let mut second = spawn_blocking(|_| Ok::<u32, glib::Error>(2));
                    let (mut sum, mut left) = (0, 2);
                    context.block_on(std::future::poll_fn(|cx| {
                        for future in [&mut second, &mut first] {
                            if !future.is_terminated()
                                && let Poll::Ready(end) = Pin::new(future).poll(cx)
                            {
                                sum += end.unwrap();
                                left -= 1;
                            }
                        }
                        if left == 0 {
                            Poll::Ready(sum)
                        } else {
                            Poll::Pending
                        }
                    }))
                });
                sender.send(sum).unwrap();
                wait();
                Ok(())
            });
        assert_eq!(result.recv_timeout(PATIENCE), Ok(3));
        assert_nobody_else_may(gate);
    });
}

const BOMB: &str = "no_starvation::a_destructor_that_panics_does_not_cost_a_thread";

#[test]
fn a_destructor_that_panics_does_not_cost_a_thread() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(thread::panicking(), "dropped on purpose");
        }
    }
    if passes_in_child(BOMB) {
        return;
    }
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    // Cancelled before it starts, so that the function is dropped by the worker.
    on_context(|context| {
        let (gate, wait) = gate();
        let ends = Log::new();
        let run = |worker: Box<dyn FnOnce() + Send>| {
            let ends = ends.clone();
            QioTask::builder()
                .callback(move |result: Result<(), Error>| ends.push(result.is_ok()))
                .run_in_thread(move |_| {
                    worker();
                    Ok(())
                })
        };
        run(Box::new(wait));
        let bomb = Bomb;
        run(Box::new(move || drop(bomb))).cancel();
        gate.wait_for_arrival();
        gate.open();
        iterate_until(context, || ends.len() == 2);
        assert!(ends.contains(&false), "cancelled");
    });
    on_context(|_| {
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .run_in_thread(|_| Ok(()))
            .wait();
    });
}

const IN_ORDER: &str = "no_starvation::at_the_maximum_tasks_queue_in_order";

#[test]
fn at_the_maximum_tasks_queue_in_order() {
    // In a process of its own: the maximum is the whole process's.
    if passes_in_child(IN_ORDER) {
        return;
    }
    on_context(|context| {
        assert_eq!(qio_task::max_threads().get(), 512, "the default");
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        let (gate, wait) = gate();
        let ends = Log::new();
        let blocked = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                wait();
                Ok(())
            });
        let (started, order) = mpsc::channel();
        for number in 0..20 {
            let (started, ends) = (started.clone(), ends.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| ends.push(number))
                .run_in_thread(move |_| {
                    started.send(number).unwrap();
                    Ok(())
                });
        }
        assert!(order.try_recv().is_err(), "the only thread is blocked");
        gate.open();
        iterate_until(context, || ends.len() == 20);
        assert!(order.try_iter().eq(0..20));
        assert!(ends.take().into_iter().eq(0..20));
        blocked.wait();

        // More threads are there at once, also for what waits already.
        let barrier = Arc::new(Barrier::new(4));
        for number in 0..4 {
            let (barrier, ends) = (barrier.clone(), ends.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| ends.push(number))
                .run_in_thread(move |_| {
                    barrier.wait();
                    Ok(())
                });
        }
        qio_task::set_max_threads(NonZero::new(4).unwrap());
        iterate_until(context, || ends.len() == 4);
    });
}

const DEDICATED: &str = "no_starvation::a_dedicated_thread_is_beside_the_maximum";

#[test]
fn a_dedicated_thread_is_beside_the_maximum() {
    if passes_in_child(DEDICATED) {
        return;
    }
    on_context(|_| {
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        // Neither that thread takes another task, nor is it one of the maximum.
        let both = Arc::new(Barrier::new(3));
        let run = |builder: qio_task::Builder| {
            let both = both.clone();
            builder
                .callback(|result: Result<(), Error>| result.unwrap())
                .run_in_thread(move |_| {
                    both.wait();
                    Ok(())
                })
        };
        let dedicated = [
            run(QioTask::builder().dedicated_thread()),
            run(QioTask::builder().dedicated_thread().name("of its own")),
        ];
        let shared = run(QioTask::builder());
        shared.wait();
        dedicated.into_iter().for_each(qio_task::Running::wait);
    });
}

#[test]
fn a_dedicated_thread_has_the_name_of_its_task() {
    on_context(|_| {
        let (sender, names) = mpsc::channel();
        let run = |builder: qio_task::Builder| {
            let sender = sender.clone();
            builder
                .dedicated_thread()
                .callback(|result: Result<(), Error>| result.unwrap())
                .run_in_thread(move |_| {
                    let name = thread::current().name().map(str::to_owned);
                    sender.send(name).unwrap();
                    Ok(())
                })
                .wait();
        };
        run(QioTask::builder().name("a-watcher-of-files"));
        run(QioTask::builder());
        let names: Vec<_> = names.try_iter().flatten().collect();
        assert_eq!(names, ["a-watcher-of-files", "qio-worker"]);
    });
}

#[cfg(target_os = "linux")]
const RETIRED: &str = "no_starvation::idle_threads_retire_after_the_time_that_is_set";

#[test]
#[cfg(target_os = "linux")]
fn idle_threads_retire_after_the_time_that_is_set() {
    fn workers() -> usize {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| {
            // One that ends meanwhile has none.
            std::fs::read_to_string(task.ok()?.path().join("comm")).ok()
        });
        names.filter(|name| name.trim_end() == "qio-worker").count()
    }
    if passes_in_child(RETIRED) {
        return;
    }
    on_context(|context| {
        assert_eq!(
            qio_task::max_idle_time(),
            Duration::from_secs(5),
            "the default"
        );
        // For ever, so that the threads are there to be told otherwise.
        qio_task::set_max_idle_time(Duration::MAX);
        assert_eq!(qio_task::max_idle_time(), Duration::MAX);
        let together = Arc::new(Barrier::new(4));
        let ends = Log::new();
        for _ in 0..4 {
            let (together, ends) = (together.clone(), ends.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| ends.push(()))
                .run_in_thread(move |_| {
                    together.wait();
                    Ok(())
                });
        }
        iterate_until(context, || ends.len() == 4);
        assert_eq!(workers(), 4);
        qio_task::set_max_threads(NonZero::new(2).unwrap());
        iterate_until(context, || workers() == 2);
        qio_task::set_max_idle_time(Duration::ZERO);
        iterate_until(context, || workers() == 0);
        // There are new ones for what comes later.
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .run_in_thread(|_| Ok(()))
            .wait();
        iterate_until(context, || workers() == 0);
    });
}

#[test]
fn a_named_worker_is_seen_by_its_name() {
    if !cfg!(target_os = "linux") {
        return;
    }
    on_context(|_| {
        let (sender, name) = mpsc::channel();
        QioTask::builder()
            .name("a-name-of-more-than-15-bytes")
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |worker| {
                assert_eq!(worker.name(), Some("a-name-of-more-than-15-bytes"));
                let comm = std::fs::read_to_string("/proc/thread-self/comm").unwrap();
                sender.send(comm).unwrap();
                Ok(())
            })
            .wait();
        let name = name.recv_timeout(PATIENCE).unwrap();
        assert_eq!(name.trim_end(), "a-name-of-more-");
    });
}
