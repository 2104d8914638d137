//! A loop that quits half-way and is run again, one that never runs, and one
//! that runs late.
//!
//! Stronger than the contract's `loops_end::a_loop_that_quits_leaves_the_rest`:
//! in order, many times, from nested loops, and with nothing run twice.

use std::{
    cell::Cell,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, MainLoop};
use qio_task::{Error, Progress, QioTask};

use crate::{
    common::{
        Dropped, Log, count, fatal_warnings, iterate, iterate_until, on_context, passes_in_child,
    },
    ends::{End, Ends},
};

#[test]
fn quits_half_way_and_is_run_again() {
    on_context(|context| {
        let order = Log::new();
        let main_loop = MainLoop::new(Some(context), false);
        for number in 0..10_000 {
            let (order, main_loop) = (order.clone(), main_loop.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    order.push(number);
                    if number % 97 == 0 {
                        main_loop.quit();
                    }
                })
                .complete_in_idle(Ok(()));
        }
        let mut runs = 0;
        while order.len() < 10_000 {
            main_loop.run();
            runs += 1;
            if order.contains(&9_991) {
                iterate(context);
            }
        }
        assert!(runs > 1);
        assert!(order.take().into_iter().eq(0..10_000), "once, in order");
    });
}

#[test]
fn quits_within_another_one() {
    on_context(|context| {
        let order = Log::new();
        let depth = Rc::new(Cell::new(0_u32));
        for number in 0..1_000 {
            let (order, depth, context) = (order.clone(), depth.clone(), context.clone());
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    order.push(number);
                    // Some run a loop of their own, which one of the next quits.
                    if number % 10 == 0 && depth.get() < 5 {
                        depth.set(depth.get() + 1);
                        let inner = MainLoop::new(Some(&context), false);
                        let quit = inner.clone();
                        QioTask::builder()
                            .priority(glib::Priority::HIGH)
                            .callback(move |_: Result<(), Error>| quit.quit())
                            .run_in_thread(|_| Ok(()));
                        inner.run();
                        depth.set(depth.get() - 1);
                    }
                })
                .complete_in_idle(Ok(()));
        }
        iterate_until(context, || order.len() == 1_000);
        assert!(order.take().into_iter().eq(0..1_000), "once, in order");
        assert_eq!(depth.get(), 0);
    });
}

/// Makes `tasks` tasks, and returns when their workers have returned.
fn run(tasks: usize, ends: &Ends) {
    let ran = Arc::new(AtomicUsize::new(0));
    let mut workers = 0;
    for number in 0..tasks {
        let task = QioTask::builder().callback(ends.of::<()>(number));
        match number % 4 {
            0 => task.complete_in_idle(Ok(())),
            1 => drop(task),
            _ => {
                workers += 1;
                let ran = ran.clone();
                let progress = Progress::new(|_: usize| {});
                task.run_in_thread(move |_| {
                    progress.report(number);
                    ran.fetch_add(1, SeqCst);
                    Ok(())
                });
            }
        }
    }
    while ran.load(SeqCst) < workers {
        thread::yield_now();
    }
}

#[test]
fn never_runs() {
    fatal_warnings();
    let ends = Ends::default();
    let (captured, dropped) = Dropped::here();
    let context = MainContext::new();
    let make = || {
        QioTask::builder()
            .callback(move |_: Result<(), Error>| drop(captured))
            .complete_in_idle(Ok(()));
        // No worker waits for the loop.
        run(5_000, &ends);
    };
    context.with_thread_default(make).unwrap();
    assert_eq!(ends.len(), 0);
    assert_eq!(count(&dropped), 0);
    drop(context);
    assert_eq!(ends.len(), 0, "dropped, not called");
    assert_eq!(count(&dropped), 1);
}

#[test]
fn runs_late() {
    fatal_warnings();
    let ends = Ends::default();
    let context = MainContext::new();
    context.with_thread_default(|| run(5_000, &ends)).unwrap();
    assert_eq!(ends.len(), 0);
    ends.wait_for(&context, 5_000);
    assert_eq!(ends.count(End::Abandoned), 1_250);
    assert_eq!(ends.count(End::Ok), 3_750);
}

/// In a child: the setting is the process's.
#[test]
fn a_delay_of_zero_and_one_without_an_end() {
    if passes_in_child("loops::a_delay_of_zero_and_one_without_an_end") {
        return;
    }
    on_context(|context| {
        let ends = Ends::default();
        let busy = glib::idle_source_new(None, glib::Priority::DEFAULT, || ControlFlow::Continue);
        busy.attach(Some(context));
        let told_after = |number, rounds| {
            let task = QioTask::builder().callback(ends.of::<()>(number));
            task.complete_in_idle(Ok(()));
            for _ in 0..rounds {
                context.iteration(true);
            }
            ends.len() > number
        };
        assert_eq!(qio_task::max_delay(), Duration::from_millis(100));
        qio_task::set_max_delay(Duration::ZERO);
        assert!(told_after(0, 1));
        qio_task::set_max_delay(Duration::MAX);
        assert_eq!(qio_task::max_delay(), Duration::MAX);
        let start = Instant::now();
        let mut is_told = told_after(1, 1);
        while start.elapsed() < Duration::from_millis(300) {
            context.iteration(true);
            is_told |= ends.len() > 1;
        }
        assert!(!is_told);
        busy.destroy();
        ends.wait_for(context, 2);
    });
}
