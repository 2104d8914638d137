//! What a task is given, asked and forgotten with, that is of no use: no harm is done.

use std::{cell::RefCell, mem, ops::ControlFlow, rc::Rc, sync::mpsc, thread, time::Duration};

use gio::prelude::*;
use glib::{MainContext, Priority};
use qio_task::{Error, QioTask};

use super::{Ends, log};
use crate::common::{
    Dropped, Log, PATIENCE, count, gate, in_child, is_child, iterate, iterate_until, on_context,
    passes_in_child,
};

#[test]
fn names_of_every_kind() {
    on_context(|_| {
        // The last is cut within a character in the kernel's list of threads.
        for name in ["", " ", "a/b\n", &"long".repeat(1000), "fourteen bytes é"] {
            let seen = Rc::new(RefCell::new(String::new()));
            let task = QioTask::builder().name(name).callback({
                let seen = seen.clone();
                move |result: Result<String, Error>| {
                    seen.replace(result.unwrap());
                }
            });
            assert_eq!(task.name(), Some(name));
            task.run_in_thread(|worker| Ok(worker.name().unwrap_or("none").to_owned()))
                .wait();
            assert_eq!(seen.take(), name);
        }
    });
}

#[test]
fn priorities_at_the_limits() {
    on_context(|context| {
        let order = Log::new();
        for priority in [i32::MAX, 0, i32::MIN, 201] {
            let order = order.clone();
            QioTask::builder()
                .priority(Priority::from(priority))
                .callback(move |_: Result<(), Error>| order.push(priority))
                .run_in_thread(|_| Ok(()));
        }
        // Those that are there when it looks come in their order.
        iterate_until(context, || order.len() == 4);
        let mut seen = order.take();
        seen.sort_unstable();
        assert_eq!(seen, [i32::MIN, 0, 201, i32::MAX]);
    });
}

#[test]
fn a_timeout_of_zero() {
    on_context(|context| {
        let ends = Ends::new();
        let make = || {
            QioTask::builder()
                .timeout(Duration::ZERO)
                .callback(log(&ends))
        };
        let is_timeout = |end: Vec<_>| matches!(end[..], [Err(Error::TimedOut)]);
        let held = make();
        iterate_until(context, || !ends.is_empty());
        assert!(is_timeout(ends.take()));
        held.complete(Ok(()));
        assert!(ends.is_empty());

        // One that is completed before anybody looks at the clock is in time.
        make().complete(Ok(()));
        assert!(matches!(ends.take()[..], [Ok(())]));

        make().run_in_thread(|_| Ok(())).wait();
        assert!(is_timeout(ends.take()));
    });
}

#[test]
fn settings_that_do_not_matter() {
    on_context(|_| {
        let ends = Ends::new();
        drop(QioTask::builder().name("dropped").dedicated_thread());
        let builder = QioTask::builder().dedicated_thread();
        builder.callback(log(&ends)).complete(Ok(()));
        let builder = QioTask::builder()
            .check_cancellable(false)
            .name("a")
            .name("b");
        let task = builder.callback(log(&ends));
        assert_eq!(task.name(), Some("b"), "the last one counts");
        task.complete(Ok(()));
        assert_eq!(ends.len(), 2);
    });
}

#[test]
fn cancelling_what_is_cancelled_or_over() {
    on_context(|context| {
        let ends = Ends::new();
        let cancellable = gio::Cancellable::new();
        let (gate, wait) = gate();
        let running = QioTask::builder()
            .cancellable(&cancellable)
            .callback(log(&ends))
            .run_in_thread(|_| {
                wait();
                Ok(())
            });
        gate.wait_for_arrival();
        for _ in 0..3 {
            running.cancel();
            cancellable.cancel();
        }
        iterate_until(context, || !ends.is_empty());
        running.cancel();
        cancellable.cancel();
        gate.open();
        running.wait();
        iterate(context);
        assert!(matches!(ends.take()[..], [Err(Error::Cancelled)]));

        // Over with a success.
        let watch = QioTask::builder()
            .callback(log(&ends))
            .poll_every(Duration::from_millis(1), || ControlFlow::Break(Ok(())));
        iterate_until(context, || watch.is_finished());
        watch.cancel();
        iterate(context);
        assert!(matches!(ends.take()[..], [Ok(())]));
    });
}

#[test]
fn asking_a_task_on_another_thread() {
    on_context(|_| {
        let source = gio::Cancellable::new();
        let cancellable = gio::Cancellable::new();
        let task: QioTask<()> = QioTask::builder()
            .cancellable(&cancellable)
            .source(&source)
            .callback(|_, _| {});
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(task.source().is_none());
                assert!(task.cancellable().is_none());
                assert!(!task.is_cancelled());
            });
        });
        assert_eq!(task.source().as_ref(), Some(source.upcast_ref()));
        assert_eq!(task.cancellable(), Some(cancellable));
        task.complete(Ok(()));
    });
}

const FORGOTTEN: &str = "misuse::settings::a_task_that_is_forgotten";

#[test]
fn a_task_that_is_forgotten() {
    if !is_child(FORGOTTEN) {
        let output = in_child(FORGOTTEN);
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("1 callback(s) waited"), "{said}");
        return;
    }
    let (warns, warned) = mpsc::channel();
    glib::log_set_handler(
        Some("qio-task"),
        glib::LogLevels::all(),
        false,
        false,
        move |_, _, message| {
            eprintln!("{message}");
            warns.send(()).unwrap();
        },
    );
    thread::spawn(|| {
        let context = MainContext::new();
        let (captured, dropped) = Dropped::here();
        let forget = || {
            mem::forget(QioTask::builder().callback(move |_: Result<(), Error>| drop(captured)));
            // Others are none the worse.
            let ends = Ends::new();
            let task = QioTask::builder().callback(log(&ends));
            task.run_in_thread(|_| Ok(())).wait();
            assert_eq!(ends.len(), 1);
            iterate(&context);
        };
        context.with_thread_default(forget).unwrap();
        drop(context);
        assert_eq!(count(&dropped), 0, "it waits for ever, with its context");
    })
    .join()
    .unwrap();
    // On Windows by another thread, after that one has ended.
    warned.recv_timeout(PATIENCE).unwrap();
}

#[test]
fn a_handle_that_is_forgotten() {
    on_context(|context| {
        let ends = Ends::new();
        let task = || QioTask::builder().callback(log(&ends));
        mem::forget(task().run_in_thread(|_| Ok(())));
        let millisecond = Duration::from_millis(1);
        mem::forget(task().poll_every(millisecond, || ControlFlow::Break(Ok(()))));
        let (task, future) = QioTask::builder().future::<(), Error>();
        mem::forget(future);
        task.run_in_thread(|_| Ok(())).wait();
        iterate_until(context, || ends.len() == 2);
        assert!(ends.take().iter().all(Result::is_ok), "none is cancelled");
    });
}

const DELAY: &str = "misuse::settings::the_delay_is_what_was_set";

/// In a process of its own, whose alone it is.
#[test]
fn the_delay_is_what_was_set() {
    if passes_in_child(DELAY) {
        return;
    }
    assert_eq!(qio_task::max_delay(), Duration::from_millis(100));
    for delay in [Duration::MAX, Duration::ZERO, Duration::from_millis(7)] {
        qio_task::set_max_delay(delay);
        let told = qio_task::max_delay();
        assert!(
            told == delay || delay == Duration::MAX && told > Duration::from_hours(1),
            "{told:?}"
        );
    }
}
