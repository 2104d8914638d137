//! Looking while, and from where, it is least expected.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{
    Error, Progress, QioTask, inspect, set_inspecting, set_slow_callback_limit, slow_callbacks,
};

use crate::{
    common::{count, flag, gate, iterate, iterate_until, passes_in_child, wait_until},
    views::{any_end, assert_none_on, on_inspected_context, tasks_on},
};

/// Looks as it is dropped.
struct Looks(Arc<AtomicUsize>);

impl Drop for Looks {
    fn drop(&mut self) {
        let tasks = inspect();
        let _ = (format!("{tasks:?}"), slow_callbacks());
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn inspect_in_whatever_is_dropped() {
    let looks = Arc::new(AtomicUsize::new(0));
    let look = || Looks(looks.clone());
    on_inspected_context(|context| {
        // What a callback captures, inline, in idle and with the result.
        let captured = look();
        QioTask::builder()
            .callback(move |_: Result<Looks, Error>| drop(captured))
            .complete(Ok(look()));
        let captured = look();
        QioTask::builder()
            .name("named")
            .callback(move |result: Result<Looks, Error>| drop((captured, result)))
            .complete_in_idle(Ok(look()));
        iterate(context);
        assert_eq!(count(&looks), 4);

        // What a worker captures, and what comes too late.
        let (ended, has_ended) = flag();
        let (gate, wait) = gate();
        let (captured, late) = (look(), look());
        let running = QioTask::builder()
            .callback(move |_: Result<Looks, Error>| ended.set(true))
            .run_in_thread(move |_| {
                wait();
                drop(captured);
                Ok(late)
            });
        gate.wait_for_arrival();
        running.cancel();
        iterate_until(context, || has_ended.get());
        gate.open();
        running.wait();
        iterate_until(context, || count(&looks) == 6);

        // A worker that never runs, and one that panics.
        let cancellable = gio::Cancellable::new();
        cancellable.cancel();
        let captured = look();
        QioTask::builder()
            .cancellable(&cancellable)
            .callback(any_end::<()>())
            .run_in_thread(move |_| {
                drop(captured);
                Ok(())
            })
            .wait();
        iterate_until(context, || count(&looks) == 7);
        let captured = look();
        QioTask::builder()
            .callback(any_end::<()>())
            .run_in_thread(move |_| std::panic::panic_any(captured))
            .wait();
        iterate_until(context, || count(&looks) == 8);

        let (captured, value) = (look(), look());
        let progress = Progress::new(move |value: Looks| drop((&captured, value)));
        progress.report(value);
        iterate(context);
        drop(progress);
        iterate(context);
        assert_eq!(count(&looks), 10);

        // With the context.
        let captured = look();
        QioTask::builder()
            .callback(move |_: Result<Looks, Error>| drop(captured))
            .complete_in_idle(Ok(look()));
        let other = MainContext::new();
        let captured = look();
        other
            .with_thread_default(|| {
                QioTask::builder()
                    .callback(move |_: Result<Looks, Error>| drop(captured))
                    .complete_in_idle(Ok(look()));
            })
            .unwrap();
        drop(other);
        assert_eq!(count(&looks), 12);
    });
    assert_eq!(count(&looks), 14);
}

#[test]
fn inspect_in_a_handler_of_its_cancellable_and_in_its_source_s_end() {
    on_inspected_context(|context| {
        let looks = Arc::new(AtomicUsize::new(0));
        let cancellable = gio::Cancellable::new();
        let log = looks.clone();
        cancellable.connect_cancelled(move |_| drop(Looks(log)));
        let source = gio::SimpleAction::new("source", None);
        let look = Looks(looks.clone());
        source.connect_activate(move |_, _| {
            let _ = &look;
        });
        let builder = QioTask::builder().cancellable(&cancellable);
        let task = builder
            .source(&source)
            .callback(|_, _: Result<(), Error>| {});
        drop(source);
        cancellable.cancel();
        iterate(context);
        drop(task);
        iterate(context);
        assert_none_on(context);
        assert_eq!(count(&looks), 2);
    });
}

const STORM: &str = "attacks::inspect_while_many_threads_make_and_end_tasks";

#[test]
fn inspect_while_many_threads_make_and_end_tasks() {
    if passes_in_child(STORM) {
        return;
    }
    set_inspecting(true);
    let is_over = Arc::new(AtomicBool::new(false));
    let looker = {
        let is_over = is_over.clone();
        thread::spawn(move || {
            let mut seen = 0_usize;
            while !is_over.load(Ordering::SeqCst) {
                let tasks = inspect();
                assert!(tasks.is_sorted_by(|older, younger| older.age() >= younger.age()));
                for task in &tasks {
                    assert_eq!(task.location().file(), file!());
                    assert!(!task.to_string().is_empty());
                }
                seen += tasks.len();
            }
            seen
        })
    };
    let makers: Vec<_> = (0..3)
        .map(|_| {
            thread::spawn(|| {
                on_inspected_context(|context| {
                    for number in 0..3_000 {
                        let cancellable = gio::Cancellable::new();
                        let task = QioTask::builder()
                            .name("a")
                            .cancellable(&cancellable)
                            .callback(any_end::<u32>());
                        match number % 5 {
                            0 => task.complete(Ok(1)),
                            1 => task.complete_in_idle(Ok(1)),
                            2 => drop(task),
                            3 => {
                                let running = task.run_in_thread(|_| Ok(1));
                                cancellable.cancel();
                                running.wait();
                            }
                            _ => drop(task.run_in_thread(|_| Ok(1))),
                        }
                        QioTask::builder()
                            .callback(any_end::<u32>())
                            .complete(Ok(1));
                        iterate(context);
                    }
                    iterate_until(context, || tasks_on(context).is_empty());
                });
            })
        })
        .collect();
    for maker in makers {
        maker.join().unwrap();
    }
    is_over.store(true, Ordering::SeqCst);
    assert!(looker.join().unwrap() > 0);
    wait_until(|| inspect().is_empty());
}

const WRITER: &str = "attacks::a_log_writer_that_uses_the_library";

#[test]
fn a_log_writer_that_uses_the_library() {
    if !passes_in_child(WRITER) {
        write_log_with(any_end);
    }
}

/// What is slow in the writers of the log, and what they have time for.
const LIMIT: Duration = Duration::from_millis(100);
const LONGER: Duration = Duration::from_millis(150);

/// Has the log written by something that makes tasks with callbacks of `callback`.
fn write_log_with<C: FnOnce(Result<(), Error>) + 'static>(
    callback: impl Fn() -> C + Send + Sync + 'static,
) {
    set_inspecting(true);
    set_slow_callback_limit(Some(LIMIT));
    let warned = Arc::new(AtomicUsize::new(0));
    let log = warned.clone();
    glib::log_set_default_handler(move |domain, _, _| {
        // On Windows GIO has words of its own, from its own threads, and GLib lets nobody warn
        // while it writes them.
        if domain != Some("qio-task") {
            return;
        }
        let _ = (inspect(), slow_callbacks());
        set_slow_callback_limit(Some(LIMIT));
        QioTask::builder().callback(callback()).complete(Ok(()));
        let task = QioTask::builder().callback(callback());
        task.run_in_thread(|_| Ok(())).wait();
        log.fetch_add(1, Ordering::SeqCst);
    });
    let context = MainContext::new();
    context
        .with_thread_default(|| {
            let held = |_: Result<(), Error>| thread::sleep(LONGER);
            QioTask::builder().name("a").callback(held).complete(Ok(()));
            QioTask::builder().callback(held).complete_in_idle(Ok(()));
            Progress::new(|(): ()| thread::sleep(LONGER)).report(());
            iterate_until(&context, || count(&warned) >= 3);
            iterate(&context);
        })
        .unwrap();
    wait_until(|| inspect().is_empty());
}

const SLOW_WRITER: &str = "attacks::a_log_writer_that_is_slow_itself";

#[test]
fn a_log_writer_that_is_slow_itself() {
    // GLib ends a process that warns while it warns.
    if !passes_in_child(SLOW_WRITER) {
        write_log_with(|| |_: Result<(), Error>| thread::sleep(LONGER));
        assert!(slow_callbacks().len() >= 4, "it is counted");
    }
}
