//! Rule 7: cancelled promptly, also while the worker is busy.

mod captured;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use gio::prelude::*;
use qio_task::{Error, QioTask};

use crate::common::{
    Dropped, Log, PATIENCE, count, gate, iterate, iterate_until, on_context, passes_in_child,
};

type Ends = Log<&'static str>;

fn log_end(ends: &Ends) -> impl FnOnce(Result<u32, Error>) + use<> {
    let ends = ends.clone();
    move |result| {
        ends.push(match result {
            Ok(_) => "ok",
            Err(Error::Failed(_)) => "failed",
            Err(Error::Cancelled) => "cancelled",
            Err(_) => "other",
        });
    }
}

#[test]
fn cancel_while_the_worker_is_busy() {
    on_context(|context| {
        let ends = Ends::new();
        let (gate, wait) = gate();
        let (report, reported) = mpsc::channel();
        let running = QioTask::builder()
            .callback(log_end(&ends))
            .run_in_thread(move |worker| {
                wait();
                report
                    .send((worker.is_cancelled(), worker.check_cancelled().is_err()))
                    .unwrap();
                Ok(1)
            });
        gate.wait_for_arrival();
        running.cancel();
        assert!(ends.is_empty(), "through the loop");
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), ["cancelled"], "the worker is still busy");
        gate.open();
        assert_eq!(reported.recv_timeout(PATIENCE), Ok((true, true)));
        running.wait();
        iterate(context);
        assert!(ends.is_empty());
    });
}

#[test]
fn cancel_while_the_owner_holds_the_task() {
    on_context(|context| {
        let ends = Ends::new();
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(log_end(&ends));
        assert!(!task.is_cancelled());
        thread::spawn(move || cancellable.cancel()).join().unwrap();
        assert!(task.is_cancelled());
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
        task.complete(Ok(1));
        iterate(context);
        assert!(ends.is_empty(), "dropped without a word");
    });
}

#[test]
fn cancelled_before_the_start_never_runs() {
    on_context(|context| {
        let ends = Ends::new();
        let ran = Arc::new(AtomicUsize::new(0));
        let cancellable = gio::Cancellable::new();
        cancellable.cancel();
        let running = QioTask::builder()
            .cancellable(&cancellable)
            .callback(log_end(&ends))
            .run_in_thread({
                let ran = ran.clone();
                move |_| Ok(u32::try_from(ran.fetch_add(1, Ordering::SeqCst)).unwrap())
            });
        iterate_until(context, || !ends.is_empty());
        running.wait();
        assert_eq!(ends.take(), ["cancelled"]);
        // The thread that takes the job has taken it once a later one has run.
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(|_| Ok(()))
            .wait();
        assert_eq!(ran.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn cancel_wins_over_a_stored_success() {
    on_context(|context| {
        let ends = Ends::new();
        let end = |check: bool, result: Result<u32, glib::Error>| {
            let cancellable = gio::Cancellable::new();
            QioTask::builder()
                .cancellable(&cancellable)
                .check_cancellable(check)
                .callback(log_end(&ends))
                .complete_in_idle(result);
            cancellable.cancel();
            iterate(context);
        };
        let failure = || glib::Error::new(gio::IOErrorEnum::Busy, "");
        end(true, Ok(1));
        end(false, Ok(1));
        end(true, Err(failure()));
        end(false, Err(failure()));
        assert_eq!(ends.take(), ["cancelled", "ok", "failed", "failed"]);
    });
}

#[test]
fn cancel_without_check_cancellable_still_ends_a_busy_task() {
    on_context(|context| {
        let ends = Ends::new();
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .check_cancellable(false)
            .callback(log_end(&ends))
            .run_in_thread(move |_| {
                wait();
                Ok(1)
            });
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), ["cancelled"]);
        drop(gate);
        running.wait();
    });
}

#[test]
fn cancel_from_inside_its_own_callback() {
    on_context(|context| {
        let ends = Ends::new();
        let cancellable = gio::Cancellable::new();
        let log = log_end(&ends);
        QioTask::builder()
            .cancellable(&cancellable)
            .callback({
                let cancellable = cancellable.clone();
                move |result| {
                    cancellable.cancel();
                    log(result);
                }
            })
            .complete(Ok(1));
        iterate(context);
        assert_eq!(ends.take(), ["ok"]);
    });
}

#[test]
fn cancel_from_inside_the_worker() {
    on_context(|context| {
        let ends = Ends::new();
        let cancellable = gio::Cancellable::new();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback(log_end(&ends))
            .run_in_thread({
                let cancellable = cancellable.clone();
                move |worker| {
                    cancellable.cancel();
                    worker.check_cancelled()?;
                    Ok(1)
                }
            });
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), ["cancelled"]);
    });
}

#[test]
fn cancel_from_inside_a_handler_that_iterates_the_loop() {
    on_context(|context| {
        // The task ends, and lets go of the cancellable, while that is still
        // calling its handlers: disconnecting must not wait for itself.
        let ends = Ends::new();
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(log_end(&ends));
        let nested = glib::thread_guard::ThreadGuard::new((context.clone(), ends.clone()));
        cancellable.connect_cancelled(move |_| {
            let (context, ends) = nested.get_ref();
            iterate_until(context, || !ends.is_empty());
        });
        cancellable.cancel();
        assert_eq!(ends.take(), ["cancelled"]);
        drop(task);
        iterate(context);
    });
}

#[test]
fn what_belongs_in_a_handler() {
    on_context(|context| {
        let ends = Ends::new();
        let stop = gio::Cancellable::new();
        let other = gio::Cancellable::new();
        let cancelled = QioTask::builder()
            .cancellable(&other)
            .callback(log_end(&ends));
        let completed = Mutex::new(Some(QioTask::builder().callback(log_end(&ends))));
        let (task, future) = QioTask::builder().future::<u32, glib::Error>();
        let dropped = Mutex::new(Some(future));
        let flag = Arc::new(AtomicUsize::new(0));
        stop.connect_cancelled({
            let (flag, context) = (flag.clone(), context.clone());
            move |_| {
                flag.store(1, Ordering::SeqCst);
                other.cancel();
                if let Some(task) = completed.lock().unwrap().take() {
                    task.complete_in_idle(Ok(1));
                }
                drop(dropped.lock().unwrap().take());
                let invoked = flag.clone();
                context.invoke(move || invoked.store(2, Ordering::SeqCst));
            }
        });
        // On another thread, which is not this context's.
        thread::spawn(move || stop.cancel()).join().unwrap();
        assert_eq!(flag.load(Ordering::SeqCst), 1);
        assert!(cancelled.is_cancelled() && task.is_cancelled());
        iterate(context);
        assert_eq!(flag.load(Ordering::SeqCst), 2);
        assert_eq!(ends.take(), ["cancelled", "ok"]);
    });
}

#[test]
fn cancel_races_the_completion() {
    on_context(|context| {
        let mut cancelled = 0;
        for _ in 0..300 {
            let ends = Ends::new();
            let cancellable = gio::Cancellable::new();
            let task = QioTask::builder()
                .cancellable(&cancellable)
                .callback(log_end(&ends));
            let barrier = Arc::new(std::sync::Barrier::new(2));
            let completer = thread::spawn({
                let barrier = barrier.clone();
                move || {
                    barrier.wait();
                    task.complete(Ok(1));
                }
            });
            barrier.wait();
            cancellable.cancel();
            completer.join().unwrap();
            iterate(context);
            // Nothing was delivered before the cancellation: it wins.
            let end = ends.take();
            assert_eq!(end, ["cancelled"]);
            cancelled += end.len();
        }
        assert_eq!(cancelled, 300);
    });
}

#[test]
fn the_workers_cancellable_follows_the_task() {
    on_context(|context| {
        let ends = Ends::new();
        let (ready, is_ready) = mpsc::channel();
        let (done, is_done) = mpsc::channel();
        let running = QioTask::builder()
            .callback(log_end(&ends))
            .run_in_thread(move |worker| {
                let cancellable = worker.cancellable().clone();
                let (cancelled, is_cancelled) = mpsc::channel();
                cancellable.connect_cancelled(move |_| cancelled.send(()).unwrap());
                ready.send(()).unwrap();
                done.send(is_cancelled.recv_timeout(PATIENCE).is_ok())
                    .unwrap();
                Ok(1)
            });
        is_ready.recv().unwrap();
        running.cancel();
        assert_eq!(is_done.recv_timeout(PATIENCE), Ok(true));
        iterate_until(context, || !ends.is_empty());
        assert_eq!(ends.take(), ["cancelled"]);
    });
}

/// Whether anybody waits for it to be cancelled.
fn is_connected(cancellable: &gio::Cancellable) -> bool {
    let signal = glib::subclass::SignalId::lookup("cancelled", gio::Cancellable::static_type());
    glib::signal::signal_has_handler_pending(cancellable, signal.unwrap(), None, true)
}

#[test]
fn a_task_that_has_ended_lets_go_of_its_cancellable() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(|_: Result<(), Error>| {});
        assert!(is_connected(&cancellable));
        task.complete(Ok(()));
        iterate(context);
        assert!(!is_connected(&cancellable));
        assert_eq!(cancellable.ref_count(), 1);
    });
}

#[test]
fn cancel_of_a_task_for_whoever_owns_its_context() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let (sender, end) = mpsc::channel();
        let task = QioTask::builder().cancellable(&cancellable).callback_on(
            context,
            move |result: Result<u32, Error>| {
                sender
                    .send(matches!(result, Err(Error::Cancelled)))
                    .unwrap();
            },
        );
        thread::spawn(move || cancellable.cancel()).join().unwrap();
        assert!(task.is_cancelled());
        assert!(end.try_recv().is_err(), "through the loop");
        iterate(context);
        assert_eq!(end.try_recv(), Ok(true));
        task.complete(Ok(1));
        iterate(context);
        assert!(end.try_recv().is_err(), "once");
    });
}

#[test]
fn cancel_before_the_task_was_made_for_whoever_owns_its_context() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        cancellable.cancel();
        let (sender, end) = mpsc::channel();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback_on(context, move |result: Result<u32, Error>| {
                sender
                    .send(matches!(result, Err(Error::Cancelled)))
                    .unwrap();
            })
            .run_in_thread(|_| unreachable!("it was cancelled before the start"));
        iterate_until(context, || end.try_recv() == Ok(true));
    });
}

const SPARED: &str = "cancel::cancel_without_check_cancellable_and_nothing_else_spares_a_success";

#[test]
fn cancel_without_check_cancellable_and_nothing_else_spares_a_success() {
    // In a process of its own: the maximum is the whole process's.
    if passes_in_child(SPARED) {
        return;
    }
    qio_task::set_max_threads(std::num::NonZero::<usize>::MIN);
    on_context(|context| {
        let ends = Ends::new();
        let running = QioTask::builder()
            .check_cancellable(false)
            .callback(log_end(&ends))
            .run_in_thread(|_| Ok(1));
        // The only thread runs this when it has left that result.
        let other = glib::MainContext::new();
        let (sender, sent) = mpsc::channel();
        QioTask::builder()
            .callback_on(&other, |_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                sender.send(()).unwrap();
                Ok(())
            });
        sent.recv_timeout(PATIENCE).unwrap();
        running.cancel();
        iterate(context);
        assert_eq!(ends.take(), ["ok"]);
    });
}

#[test]
fn a_task_for_whoever_owns_its_context_lets_go_of_its_cancellable() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback_on(context, |result: Result<(), Error>| result.unwrap());
        assert!(is_connected(&cancellable));
        task.complete(Ok(()));
        assert!(!is_connected(&cancellable));
        assert_eq!(cancellable.ref_count(), 1);
    });
}

#[test]
fn an_earlier_handler_that_completes_the_task_makes_no_success_of_a_cancellation() {
    on_context(|context| {
        for (checks, end) in [(true, "cancelled"), (false, "ok")] {
            let ends = Ends::new();
            let cancellable = gio::Cancellable::new();
            let held = Arc::new(Mutex::new(None::<QioTask<u32>>));
            // It is called before the task's own, which is connected later.
            cancellable.connect_cancelled({
                let held = held.clone();
                move |_| {
                    let task = held.lock().unwrap().take();
                    task.unwrap().complete(Ok(1));
                }
            });
            let task = QioTask::builder()
                .cancellable(&cancellable)
                .check_cancellable(checks)
                .callback(log_end(&ends));
            *held.lock().unwrap() = Some(task);
            cancellable.cancel();
            iterate(context);
            assert_eq!(ends.take(), [end]);
        }
    });
}

const QUEUED: &str = "cancel::what_a_worker_in_the_queue_has_captured_is_dropped_at_once";

#[test]
fn what_a_worker_in_the_queue_has_captured_is_dropped_at_once() {
    // In a process of its own: the maximum is the whole process's.
    if passes_in_child(QUEUED) {
        return;
    }
    qio_task::set_max_threads(std::num::NonZero::<usize>::MIN);
    on_context(|context| {
        let ends = Ends::new();
        let (gate, wait) = gate();
        let busy = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                wait();
                Ok(())
            });
        gate.wait_for_arrival();
        let (captured, dropped) = Dropped::anywhere();
        let queued = QioTask::builder()
            .callback(log_end(&ends))
            .run_in_thread(move |_| {
                drop(captured);
                Ok(1)
            });
        assert_eq!(count(&dropped), 0);
        queued.cancel();
        assert_eq!(count(&dropped), 1);
        gate.open();
        busy.wait();
        iterate(context);
        assert_eq!(ends.take(), ["cancelled"]);
    });
}
