//! The `Progress` is of another context, or another thread, than its task; or a context dies.

use std::{sync::mpsc, thread};

use glib::MainContext;
use qio_task::{Error, Progress, QioTask};

use super::{END, reporter, task};
use crate::common::{
    Dropped, Log, PATIENCE, count, gate, iterate, iterate_until, on_context, on_dying_context,
};

#[test]
fn one_of_another_context_is_not_waited_for() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let (value, dropped) = Dropped::anywhere();
        let told = log.clone();
        let droppable = Progress::new(move |_: Dropped| told.push(2));
        let own = MainContext::new();
        own.with_thread_default(|| {
            let builder = QioTask::builder().progress(&progress).progress(&droppable);
            let task = task(builder, &log);
            progress.report(1);
            droppable.report(value);
            task.complete(Ok(()));
        })
        .unwrap();
        assert_eq!(count(&dropped), 1, "before its own context is iterated");
        progress.report(2);
        iterate(context);
        assert_eq!(log.take(), [END]);
    });
}

#[test]
fn one_of_another_thread_ends_with_its_task() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let (report, reported) = mpsc::channel();
        let (go_on, waiting) = mpsc::channel::<()>();
        let other = thread::spawn({
            let progress = progress.clone();
            move || {
                on_context(|_| {
                    let task = QioTask::builder()
                        .progress(&progress)
                        .callback(|_: Result<(), Error>| {});
                    progress.report(1);
                    report.send(()).unwrap();
                    waiting.recv_timeout(PATIENCE).unwrap();
                    task.complete(Ok(()));
                    progress.report(2);
                });
            }
        });
        reported.recv_timeout(PATIENCE).unwrap();
        iterate_until(context, || log.contains(&1));
        go_on.send(()).unwrap();
        other.join().unwrap();
        iterate(context);
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn a_dead_context_ends_the_task_of_one_that_lives() {
    on_context(|context| {
        let log = Log::new();
        let progress = reporter(&log);
        let own = MainContext::new();
        let pending = own
            .with_thread_default(|| task(QioTask::builder().progress(&progress), &log))
            .unwrap();
        let (gate, wait) = gate();
        let late = progress.clone();
        let running = pending.run_in_thread(move |_| {
            wait();
            late.report(2);
            Ok(())
        });
        gate.wait_for_arrival();
        progress.report(1);
        iterate(context);
        drop(running);
        drop(own);
        progress.report(3);
        iterate(context);
        gate.open();
        assert_eq!(log.take(), [1]);
    });
}

#[test]
fn its_callback_and_its_task_go_with_their_context() {
    let (captured, dropped) = Dropped::here();
    let progress = on_dying_context(|_| {
        let progress = Progress::new(move |_: u32| {
            let _ = &captured;
        });
        let task = QioTask::builder()
            .progress(&progress)
            .callback(|_: Result<(), Error>| {});
        progress.report(1);
        task.complete_in_idle(Ok(()));
        progress
    });
    assert_eq!(count(&dropped), 1);
    progress.report(2);
}

#[test]
fn a_value_that_panics_as_it_is_dropped_does_not_lose_the_callback() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    on_context(|_| {
        let log = Log::new();
        let progress = Progress::new(|bomb: Bomb| std::mem::forget(bomb));
        MainContext::new()
            .with_thread_default(|| {
                let task = task(QioTask::builder().progress(&progress), &log);
                progress.report(Bomb);
                task.complete(Ok(()));
            })
            .unwrap();
        assert_eq!(log.take(), [END]);
    });
}
