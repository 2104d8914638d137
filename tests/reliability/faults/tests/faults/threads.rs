//! `pthread_create` fails: always, after some threads, and now and then.
//!
//! Stronger than the contract's `thread_refused`, which makes threads too
//! large for the memory: here the call itself is counted and refused.

use std::{
    num::NonZero,
    os::unix::process::ExitStatusExt,
    sync::{Arc, atomic::AtomicUsize, mpsc},
    thread,
    time::Duration,
};

use glib::MainContext;
use qio_task::{Builder, Error, QioTask};

use crate::{
    common::{
        Dropped, busy_worker, count, fatal_warnings, in_child, is_child, on_context,
        passes_in_child,
    },
    ends::{End, Ends},
    system::{allow_threads, hold_threads, refuse_threads, threads},
};

/// GLib starts a thread of its own with a process's first `GTask`, and ends
/// the process when that is refused: see `glibs_own_thread_is_refused`.
fn start_glib() {
    QioTask::builder()
        .callback(|_: Result<(), Error>| {})
        .complete(Ok(()));
}

/// Of every kind that has a say in how its worker is started.
fn builder(number: usize) -> Builder {
    let builder = QioTask::builder();
    match number % 4 {
        0 => builder,
        1 => builder.name("named"),
        2 => builder.dedicated_thread(),
        _ => builder.dedicated_thread().name("named"),
    }
}

/// Runs `tasks` tasks whose workers have captured what `capture` makes, and never run. Returns how
/// often each of that was dropped.
fn run_in_vain(
    tasks: usize,
    ends: &Ends,
    capture: fn() -> (Dropped, Arc<AtomicUsize>),
) -> Vec<Arc<AtomicUsize>> {
    let run = |number| {
        let (captured, dropped) = capture();
        builder(number)
            .callback(ends.of::<()>(number))
            .run_in_thread(move |_| {
                drop(captured);
                Ok::<_, glib::Error>(())
            });
        dropped
    };
    (0..tasks).map(run).collect()
}

/// Runs `tasks` tasks, here or for `context` as for any thread.
fn run(tasks: usize, context: &MainContext, ends: &Ends) {
    for number in 0..tasks {
        let callback = ends.of(number);
        let builder = builder(number);
        let task = if number % 3 == 0 {
            builder.callback_on(context, callback)
        } else {
            builder.callback(callback)
        };
        task.run_in_thread(|_| Ok(()));
    }
}

#[test]
fn always() {
    if passes_in_child("threads::always") {
        return;
    }
    on_context(|context| {
        start_glib();
        refuse_threads(|_| true);
        let ends = Ends::default();
        // A worker that never runs is dropped at once, by whom it was given.
        let dropped = run_in_vain(300, &ends, Dropped::here);
        assert!(dropped.iter().all(|dropped| count(dropped) == 1));
        assert_eq!(ends.len(), 0, "through the loop, as from any worker");
        ends.wait_for(context, 300);
        assert_eq!(ends.count(End::Spawn), 300);
        ends.take();

        run(300, context, &ends);
        ends.wait_for(context, 300);
        assert_eq!(ends.count(End::Spawn), 300);
        ends.take();

        allow_threads();
        run(300, context, &ends);
        ends.wait_for(context, 300);
        assert_eq!(ends.count(End::Ok), 300, "as if nothing had been");
    });
}

#[test]
fn who_asks_for_a_thread_does_not_wait_for_it() {
    if passes_in_child("threads::who_asks_for_a_thread_does_not_wait_for_it") {
        return;
    }
    on_context(|context| {
        start_glib();
        let ends = Ends::default();
        let (gate, _) = busy_worker();
        let held = hold_threads();
        run(8, context, &ends);
        ends.of::<()>(8)(Ok(()));
        assert!(held.are_held(), "a loop would have stood still");
        assert_eq!(ends.take(), [End::Ok], "of none that needs a thread");
        drop(held);
        gate.open();
        ends.wait_for(context, 8);
        assert_eq!(ends.count(End::Ok), 8);
    });
}

/// Those that nobody waits for are refused late.
#[test]
fn always_and_late() {
    if passes_in_child("threads::always_and_late") {
        return;
    }
    on_context(|context| {
        start_glib();
        let before = threads();
        // Retires at once, and leaves nobody but who starts the others.
        qio_task::set_max_idle_time(Duration::ZERO);
        let (gate, busy) = busy_worker();
        gate.open();
        busy.wait();
        while threads() > before {
            thread::yield_now();
        }
        let held = hold_threads();
        refuse_threads(|_| true);
        let ends = Ends::default();
        let dropped = run_in_vain(300, &ends, Dropped::anywhere);
        assert!(held.are_held());
        drop(held);
        ends.wait_for(context, 300);
        assert_eq!(ends.count(End::Spawn), 300);
        assert!(dropped.iter().all(|dropped| count(dropped) == 1));
        ends.take();

        allow_threads();
        run(300, context, &ends);
        ends.wait_for(context, 300);
        assert_eq!(ends.count(End::Ok), 300, "as if nothing had been");
    });
}

/// Of another size: it would be too small, perhaps.
#[test]
fn what_is_to_have_a_stack_of_its_own_takes_no_other_thread() {
    if passes_in_child("threads::what_is_to_have_a_stack_of_its_own_takes_no_other_thread") {
        return;
    }
    on_context(|context| {
        start_glib();
        let (gate, _) = busy_worker();
        refuse_threads(|_| true);
        let ends = Ends::default();
        QioTask::builder()
            .stack_size(1 << 20)
            .callback(ends.of::<()>(0))
            .run_in_thread(|_| Ok(()));
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::Spawn]);
        allow_threads();
        QioTask::builder()
            .stack_size(1 << 20)
            .callback(ends.of::<()>(0))
            .run_in_thread(|_| Ok(()));
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::Ok]);
        gate.open();
    });
}

#[test]
fn after_some_threads() {
    if passes_in_child("threads::after_some_threads") {
        return;
    }
    on_context(|context| {
        start_glib();
        for refuse in [
            (|nth| nth >= 1) as fn(usize) -> bool,
            |nth| nth >= 2,
            |nth| nth >= 7,
        ] {
            qio_task::set_max_idle_time(Duration::from_secs(5));
            refuse_threads(refuse);
            // One that stays until the others are there.
            let (gate, _) = busy_worker();
            let ends = Ends::default();
            run(300, context, &ends);
            gate.open();
            ends.wait_for(context, 300);
            assert_eq!(ends.count(End::Ok), 300, "those alive take them all");
            ends.take();

            // As they retire there is none again.
            qio_task::set_max_idle_time(Duration::ZERO);
            refuse_threads(|_| true);
            while {
                QioTask::builder()
                    .callback(ends.of::<()>(0))
                    .run_in_thread(|_| Ok(()))
                    .wait();
                ends.take() != [End::Spawn]
            } {}
        }
    });
}

/// A pattern without a period that the tasks could have, too.
fn chance(nth: usize) -> bool {
    let mixed = (nth as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 62 != 0
}

#[test]
fn now_and_then() {
    if passes_in_child("threads::now_and_then") {
        return;
    }
    assert!((0..100).any(chance) && !(0..100).all(chance));
    on_context(|context| {
        start_glib();
        let before = threads();
        // So that every task may need a thread.
        qio_task::set_max_idle_time(Duration::ZERO);
        for refuse in [
            chance as fn(usize) -> bool,
            |nth| nth % 2 == 0,
            |nth| !chance(nth),
        ] {
            refuse_threads(refuse);
            let ends = Ends::default();
            run(600, context, &ends);
            ends.wait_for(context, 600);
            assert_eq!(ends.count(End::Ok) + ends.count(End::Spawn), 600);
            ends.take();

            // One after the other, when none is alive, each asks for its own.
            for number in 0..100 {
                while threads() > before {
                    thread::yield_now();
                }
                builder(number)
                    .callback(ends.of::<()>(number))
                    .run_in_thread(|_| Ok(()))
                    .wait();
            }
            ends.assert_once(100);
            assert_eq!(ends.count(End::Ok) + ends.count(End::Spawn), 100);
            assert!(ends.count(End::Ok) > 0, "the tasks do meet threads");
            assert!(ends.count(End::Spawn) > 0, "and refusals");
        }
        allow_threads();
        let ends = Ends::default();
        run(300, context, &ends);
        ends.wait_for(context, 300);
        assert_eq!(ends.count(End::Ok), 300);
    });
}

/// Waits for a task in a worker, which waits for a task in a worker, and so on.
fn nest(depth: usize, ends: &Ends) {
    let context = MainContext::new();
    context
        .with_thread_default(|| {
            let (number, deeper) = (ends.clone(), ends.clone());
            builder(depth)
                .callback(move |result: Result<(), Error>| number.push(depth, End::from(&result)))
                .run_in_thread(move |_| {
                    if depth > 0 {
                        nest(depth - 1, &deeper);
                    }
                    Ok(())
                })
                .wait();
        })
        .unwrap();
}

#[test]
fn now_and_then_for_workers_that_wait_for_workers() {
    if passes_in_child("threads::now_and_then_for_workers_that_wait_for_workers") {
        return;
    }
    on_context(|_| {
        start_glib();
        let before = threads();
        qio_task::set_max_threads(NonZero::<usize>::MIN);
        qio_task::set_max_idle_time(Duration::ZERO);
        // None is alive as each begins, so that the pattern meets all depths.
        refuse_threads(|nth| nth % 10 == 9);
        let mut refused = 0;
        for _ in 0..100 {
            while threads() > before {
                thread::yield_now();
            }
            let ends = Ends::default();
            nest(5, &ends);
            // What was refused has nothing below it.
            let depths = ends.len();
            let seen = ends.take();
            assert!((1..=6).contains(&depths));
            // From the innermost outwards.
            assert!(seen[1..].iter().all(|end| *end == End::Ok));
            assert!(depths == 6 || seen[0] == End::Spawn);
            refused += usize::from(seen[0] == End::Spawn);
        }
        assert!(refused > 0 && refused < 100, "{refused}");
    });
}

#[test]
fn what_one_refusal_has_left_behind_the_next_thread_takes() {
    if passes_in_child("threads::what_one_refusal_has_left_behind_the_next_thread_takes") {
        return;
    }
    on_context(|context| {
        start_glib();
        let (gate, _) = busy_worker();
        refuse_threads(|_| true);
        let ends = Ends::default();
        let run = |number| {
            QioTask::builder()
                .callback(ends.of::<()>(number))
                .run_in_thread(|_| Ok(()));
        };
        run(0);
        allow_threads();
        run(1);
        ends.wait_for(context, 2);
        assert_eq!(ends.take(), [End::Ok, End::Ok]);
        // The first thread has been busy all the while.
        gate.open();
    });
}

#[test]
fn a_task_that_is_cancelled_or_times_out_while_it_has_none() {
    if passes_in_child("threads::a_task_that_is_cancelled_or_times_out_while_it_has_none") {
        return;
    }
    on_context(|context| {
        start_glib();
        let (gate, alive) = busy_worker();
        refuse_threads(|_| true);
        let ends = Ends::default();
        let (ran, has_run) = mpsc::channel();
        let worker = || {
            let ran = ran.clone();
            move |_: &qio_task::Worker| {
                ran.send(()).unwrap();
                Ok::<_, glib::Error>(())
            }
        };
        QioTask::builder()
            .callback(ends.of::<()>(0))
            .run_in_thread(worker())
            .cancel();
        QioTask::builder()
            .timeout(Duration::from_millis(1))
            .callback(ends.of::<()>(1))
            .run_in_thread(worker())
            .wait();
        ends.wait_for(context, 2);
        gate.open();
        alive.wait();
        drop(ran);
        assert!(has_run.recv().is_err(), "neither worker runs");
        assert_eq!(ends.count(End::Cancelled), 1);
        assert_eq!(ends.count(End::TimedOut), 1);
    });
}

const GLIB: &str = "threads::glibs_own_thread_is_refused";

/// The README: "GLib starts a thread of its own with a process's first
/// `GTask`, and ends the process when the system refuses it".
#[test]
fn glibs_own_thread_is_refused() {
    if is_child(GLIB) {
        fatal_warnings();
        refuse_threads(|_| true);
        start_glib();
        return;
    }
    let output = in_child(GLIB);
    if cfg!(feature = "gtask") {
        assert!(output.status.signal().is_some(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        // As it asks for the thread; from 2.84 on, as it finds that it has none.
        let words = ["creating thread", "g_task_thread_pool_init"];
        assert!(words.iter().any(|words| said.contains(words)), "{said}");
    } else {
        assert!(output.status.success(), "{output:?}");
    }
}
