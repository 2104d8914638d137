//! Rule 2: the callback, the source and an undelivered result are used and
//! dropped at home.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::mpsc,
    thread::{self, ThreadId},
};

use gio::prelude::*;
use glib::subclass::prelude::*;
use qio_task::{Error, Progress, QioTask, TaskState};

use crate::common::{
    Dropped, count, gate, in_child, is_child, iterate, iterate_until, on_context, on_dying_context,
    passes_in_child, use_the_library, wait_until,
};

mod imp {
    use super::*;

    /// An object that must not be finalized away from home.
    #[derive(Default)]
    pub struct Homebound {
        pub guard: RefCell<Option<Dropped>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Homebound {
        const NAME: &'static str = "QioTaskTestHomebound";
        type Type = super::Homebound;
    }

    impl ObjectImpl for Homebound {}
}

glib::wrapper! {
    pub struct Homebound(ObjectSubclass<imp::Homebound>);
}

impl Homebound {
    fn new(guard: Dropped) -> Self {
        let object: Self = glib::Object::new();
        object.imp().guard.replace(Some(guard));
        object
    }
}

/// A result that says where it is dropped.
struct Traveller(mpsc::Sender<ThreadId>);

impl Drop for Traveller {
    fn drop(&mut self) {
        let _ = self.0.send(thread::current().id());
    }
}

#[test]
fn source_and_callback_are_dropped_at_home() {
    on_context(|context| {
        for _ in 0..500 {
            let (captured, callback_dropped) = Dropped::here();
            let (guard, source_dropped) = Dropped::here();
            let source = Homebound::new(guard);
            let finished = Rc::new(std::cell::Cell::new(false));
            QioTask::new(&source, {
                let finished = finished.clone();
                move |_: &Homebound, result: Result<u32, Error>| {
                    let _captured = captured;
                    assert_eq!(result.unwrap(), 1);
                    finished.set(true);
                }
            })
            .run_in_thread(|_| Ok(1));
            drop(source);
            iterate_until(context, || finished.get());
            assert_eq!(count(&callback_dropped), 1, "as the callback returns");
            iterate(context);
            assert_eq!(
                count(&source_dropped),
                1,
                "in the next iteration at the latest"
            );
        }
    });
}

#[test]
fn a_task_dropped_on_a_worker_thread_drops_its_callback_at_home() {
    on_context(|context| {
        let (captured, callback_dropped) = Dropped::here();
        let (guard, source_dropped) = Dropped::here();
        let source = Homebound::new(guard);
        let task = QioTask::new(&source, move |_: &Homebound, result: Result<u32, Error>| {
            let _captured = captured;
            assert!(matches!(result, Err(Error::Abandoned)));
        });
        drop(source);
        thread::spawn(move || drop(task)).join().unwrap();
        assert_eq!(count(&callback_dropped), 0);
        iterate(context);
        assert_eq!(count(&callback_dropped), 1);
        assert_eq!(count(&source_dropped), 1);
    });
}

#[test]
fn a_late_result_is_dropped_at_once_where_it_was_made() {
    on_context(|context| {
        let (sender, dropped) = mpsc::channel();
        let (gate, wait) = gate();
        let ends = crate::common::Log::new();
        let log = ends.clone();
        let running = QioTask::builder()
            .callback(move |result: Result<Traveller, Error>| log.push(result.is_err()))
            .run_in_thread(move |_| {
                wait();
                Ok(Traveller(sender))
            });
        gate.wait_for_arrival();
        running.cancel();
        iterate_until(context, || !ends.is_empty());
        gate.open();
        // Nobody iterates the context for it.
        assert_ne!(dropped.recv().unwrap(), thread::current().id());
        assert_eq!(ends.take(), [true]);
    });
}

#[test]
fn a_late_result_of_this_thread_is_dropped_here() {
    on_context(|context| {
        let ends = crate::common::Log::new();
        let log = ends.clone();
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |result: Result<Rc<Dropped>, Error>| log.push(result.is_err()));
        cancellable.cancel();
        let (value, dropped) = Dropped::here();
        task.complete_in_idle(Ok(Rc::new(value)));
        assert_eq!(count(&dropped), 1, "at once");
        iterate(context);
        assert_eq!(ends.take(), [true]);
    });
}

#[test]
fn a_superseded_success_is_dropped_at_home() {
    on_context(|context| {
        let (sender, dropped) = mpsc::channel();
        let cancellable = gio::Cancellable::new();
        let task = QioTask::builder().cancellable(&cancellable).callback(
            |result: Result<Traveller, Error>| {
                assert!(matches!(result, Err(Error::Cancelled)));
            },
        );
        task.complete_in_idle(Ok(Traveller(sender)));
        thread::spawn(move || cancellable.cancel()).join().unwrap();
        assert!(
            dropped.try_recv().is_err(),
            "not by the thread that cancels"
        );
        iterate(context);
        assert_eq!(dropped.try_recv(), Ok(thread::current().id()));
    });
}

/// That of a worker is freed by a thread of the workers: the loop goes on.
#[test]
fn a_superseded_success_of_a_worker_is_not_dropped_at_home() {
    for any_thread in [false, true] {
        on_context(|context| {
            qio_task::set_inspecting(true);
            let (sender, dropped) = mpsc::channel();
            let ends = mpsc::channel();
            let callback = move |result: Result<Traveller, Error>| {
                ends.0
                    .send(matches!(result, Err(Error::Cancelled)))
                    .unwrap();
            };
            let task = if any_thread {
                QioTask::builder().callback_on(context, callback)
            } else {
                QioTask::builder().callback(callback)
            };
            let running = task.run_in_thread(move |_| Ok(Traveller(sender)));
            wait_until_queued(context);
            running.cancel();
            // Its thread says so just before it is.
            let mut end = None;
            iterate_until(context, || {
                end = end.or(ends.1.try_recv().ok());
                end.is_some()
            });
            assert_eq!(end, Some(true));
            assert_ne!(dropped.recv().unwrap(), thread::current().id());
        });
    }
}

#[test]
fn a_success_of_a_worker_is_not_dropped_at_home_with_its_context() {
    let (sender, dropped) = mpsc::channel();
    on_dying_context(|context| {
        qio_task::set_inspecting(true);
        QioTask::builder()
            .callback(|_: Result<Traveller, Error>| panic!("its context is dead"))
            .run_in_thread(move |_| Ok(Traveller(sender)));
        wait_until_queued(context);
    });
    assert_ne!(dropped.recv().unwrap(), thread::current().id());
}

/// Waits until the only task of `context` has ended, and nobody has delivered it yet.
fn wait_until_queued(context: &glib::MainContext) {
    wait_until(|| {
        let tasks = qio_task::inspect();
        let mut its_own = tasks.iter().filter(|task| task.is_on(context));
        its_own.any(|task| task.state() == TaskState::Queued)
    });
}

#[test]
fn results_that_are_not_send_stay() {
    on_context(|context| {
        let seen = Rc::new(RefCell::new(None));
        let slot = seen.clone();
        let task = QioTask::builder().callback(move |result: Result<Rc<u32>, Error>| {
            slot.replace(result.ok());
        });
        task.complete_in_idle(Ok(Rc::new(5)));
        iterate(context);
        assert_eq!(seen.take().as_deref(), Some(&5));
    });
}

const GONE: &str = "home::a_thread_that_is_gone_leaks_with_a_warning";

#[test]
fn a_thread_that_is_gone_leaks_with_a_warning() {
    if !is_child(GONE) {
        let output = in_child(GONE);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let everything = stderr + String::from_utf8_lossy(&output.stdout);
        assert!(everything.contains("leaked"), "{everything}");
        return;
    }
    let context = glib::MainContext::new();
    let (gate, wait) = gate();
    let (dropped, gate, progress) = thread::spawn({
        let context = context.clone();
        move || {
            let (captured, dropped) = Dropped::here();
            let (in_progress, progress_dropped) = Dropped::here();
            let progress = context
                .with_thread_default(|| {
                    QioTask::builder()
                        .callback(move |_: Result<(), Error>| drop(captured))
                        .run_in_thread(move |_| {
                            wait();
                            Ok(())
                        });
                    Progress::new(move |(): ()| {
                        let _ = &in_progress;
                    })
                })
                .unwrap();
            // A worker that has not started by now never would.
            gate.wait_for_arrival();
            ([dropped, progress_dropped], gate, progress)
        }
    })
    .join()
    .unwrap();
    gate.open();
    thread::sleep(std::time::Duration::from_millis(20));
    progress.report(());
    iterate(&context);
    drop((context, progress));
    assert_eq!(
        dropped.map(|dropped| count(&dropped)),
        [0, 0],
        "neither called nor dropped"
    );
}

const LATE: &str = "home::a_result_for_a_thread_that_is_gone_is_dropped_at_once";

#[test]
fn a_result_for_a_thread_that_is_gone_is_dropped_at_once() {
    // In a process of its own: the library warns of what is leaked.
    if passes_in_child(LATE) {
        return;
    }
    let context = glib::MainContext::new();
    let task = thread::spawn({
        let context = context.clone();
        move || {
            let make = || QioTask::builder().callback(|_: Result<Traveller, Error>| unreachable!());
            context.with_thread_default(make).unwrap()
        }
    })
    .join()
    .unwrap();
    let (sender, dropped) = mpsc::channel();
    task.complete(Ok(Traveller(sender)));
    assert_eq!(dropped.try_recv(), Ok(thread::current().id()));
    iterate(&context);
}

#[test]
fn a_source_is_not_left_to_whoever_iterates_next() {
    crate::common::fatal_warnings();
    let context = glib::MainContext::new();
    let (guard, source_dropped) = Dropped::here();
    let source = Homebound::new(guard);
    context
        .with_thread_default(|| {
            QioTask::<()>::new(&source, |_: &Homebound, _| {}).complete(Ok(()));
        })
        .unwrap();
    drop(source);
    thread::spawn(move || iterate(&context)).join().unwrap();
    assert_eq!(count(&source_dropped), 1);
}

#[test]
fn a_result_for_a_context_that_is_dead_is_dropped_at_once_where_it_was_made() {
    for cancel in [false, true] {
        let (sender, dropped) = mpsc::channel();
        let (gate, wait) = gate();
        on_dying_context(|_| {
            let running = QioTask::builder()
                .callback(|_: Result<Traveller, Error>| panic!("its context is dead"))
                .run_in_thread(move |_| {
                    wait();
                    Ok(Traveller(sender))
                });
            gate.wait_for_arrival();
            if cancel {
                // Its delivery is queued, and dies with the context.
                running.cancel();
            }
        });
        gate.open();
        assert_ne!(dropped.recv().unwrap(), thread::current().id());
    }
}

#[test]
fn a_context_that_another_thread_lets_go_of_last_dies_at_home() {
    let (captured, dropped) = Dropped::here();
    let task = on_dying_context(|context| {
        // A source of the user's, whose closure stays on this thread.
        let source = glib::timeout_source_new(
            std::time::Duration::from_hours(1),
            None,
            glib::Priority::LOW,
            {
                let captured = glib::thread_guard::ThreadGuard::new(captured);
                move || {
                    let _ = captured.get_ref();
                    glib::ControlFlow::Continue
                }
            },
        );
        source.attach(Some(context));
        QioTask::builder().callback(|_: Result<(), Error>| unreachable!("never iterated"))
    });
    thread::spawn(move || drop(task)).join().unwrap();
    assert_eq!(count(&dropped), 0, "not there");
    use_the_library();
    assert_eq!(count(&dropped), 1, "as the library is next used here");
}
