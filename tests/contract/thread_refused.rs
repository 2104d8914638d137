//! Rule 11: with no thread to be had, the task ends with `Spawn`.

use std::sync::mpsc;

use qio_task::{Error, QioTask};

use crate::common::{
    Log, PATIENCE, busy_worker, gate, is_child, iterate_until, on_context,
    refusal::{allow_threads, in_child_with_large_stacks, refuse_threads, start_glib},
};

const NONE: &str = "thread_refused::none_alive_ends_with_spawn";

#[test]
fn none_alive_ends_with_spawn() {
    if !is_child(NONE) {
        in_child_with_large_stacks(NONE);
        return;
    }
    on_context(|context| {
        let ends = Log::new();
        let run = || {
            let ends = ends.clone();
            QioTask::builder()
                .callback(move |result: Result<(), Error>| {
                    ends.push(match result {
                        Ok(()) => "ok",
                        Err(Error::Spawn(_)) => "spawn",
                        Err(_) => "other",
                    });
                })
                .run_in_thread(|_| Ok(()))
        };
        start_glib();
        refuse_threads();
        let first = run();
        assert!(ends.is_empty(), "through the loop, as from any worker");
        iterate_until(context, || !ends.is_empty());
        first.wait();
        run().wait();
        assert_eq!(ends.take(), ["spawn", "spawn"]);

        allow_threads();
        run().wait();
        assert_eq!(ends.take(), ["ok"], "it is only that task's end");
    });
}

const ALIVE: &str = "thread_refused::one_alive_takes_what_was_refused";

#[test]
fn one_alive_takes_what_was_refused() {
    if !is_child(ALIVE) {
        in_child_with_large_stacks(ALIVE);
        return;
    }
    on_context(|context| {
        let ends = Log::new();
        let (gate, wait) = gate();
        let (started, is_started) = mpsc::channel();
        let alive = QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                started.send(()).unwrap();
                wait();
                Ok(())
            });
        is_started.recv_timeout(PATIENCE).unwrap();
        start_glib();
        refuse_threads();
        for number in 0..3 {
            let ends = ends.clone();
            QioTask::builder()
                .callback(move |result: Result<(), Error>| ends.push((number, result.is_ok())))
                .run_in_thread(|_| Ok(()));
        }
        gate.open();
        iterate_until(context, || ends.len() == 3);
        assert_eq!(ends.take(), [(0, true), (1, true), (2, true)]);
        alive.wait();
    });
}

const DEDICATED: &str = "thread_refused::one_alive_takes_what_was_to_have_a_thread_of_its_own";

#[test]
fn one_alive_takes_what_was_to_have_a_thread_of_its_own() {
    if !is_child(DEDICATED) {
        in_child_with_large_stacks(DEDICATED);
        return;
    }
    on_context(|_| {
        let (sender, ends) = mpsc::channel();
        let run = || {
            let sender = sender.clone();
            QioTask::builder()
                .dedicated_thread()
                .callback(move |result: Result<(), Error>| {
                    sender
                        .send(match result {
                            Ok(()) => "ok",
                            Err(Error::Spawn(_)) => "spawn",
                            Err(_) => "other",
                        })
                        .unwrap();
                })
                .run_in_thread(|_| Ok(()))
        };
        start_glib();
        refuse_threads();
        run().wait();
        assert_eq!(ends.try_recv(), Ok("spawn"));

        allow_threads();
        let (gate, alive) = busy_worker();
        refuse_threads();
        let second = run();
        gate.open();
        second.wait();
        alive.wait();
        assert_eq!(ends.try_recv(), Ok("ok"));
    });
}

const WAITING: &str = "thread_refused::the_only_one_alive_waits_for_what_was_refused";

#[test]
fn the_only_one_alive_waits_for_what_was_refused() {
    if !is_child(WAITING) {
        in_child_with_large_stacks(WAITING);
        return;
    }
    on_context(|_| {
        start_glib();
        let (sender, end) = mpsc::channel();
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                on_context(|_| {
                    start_glib();
                    refuse_threads();
                    QioTask::builder()
                        .callback(move |result: Result<(), Error>| {
                            sender.send(matches!(result, Err(Error::Spawn(_)))).unwrap();
                        })
                        .run_in_thread(|_| Ok(()))
                        .wait();
                    allow_threads();
                });
                Ok(())
            })
            .wait();
        assert_eq!(end.try_recv(), Ok(true));
    });
}
