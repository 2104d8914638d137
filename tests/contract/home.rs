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
use qio_task::{Error, Progress, QioTask};

use crate::common::{
    Dropped, count, gate, in_child, is_child, iterate, iterate_until, on_context, on_dying_context,
    passes_in_child,
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
fn a_late_result_is_dropped_at_home() {
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
        iterate_until(context, || {
            dropped
                .try_recv()
                .is_ok_and(|thread| thread == thread::current().id())
        });
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

const LATE: &str = "home::a_result_for_a_thread_that_is_gone_is_leaked";

#[test]
fn a_result_for_a_thread_that_is_gone_is_leaked() {
    // In a process of its own: the library warns of what is leaked.
    if passes_in_child(LATE) {
        return;
    }
    let context = glib::MainContext::new();
    let task = thread::spawn({
        let context = context.clone();
        move || {
            let make = || QioTask::builder().callback(|_: Result<Dropped, Error>| unreachable!());
            context.with_thread_default(make).unwrap()
        }
    })
    .join()
    .unwrap();
    let (value, dropped) = Dropped::here();
    task.complete(Ok(value));
    iterate(&context);
    drop(context);
    assert_eq!(count(&dropped), 0);
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

const ELSEWHERE: &str = "home::a_late_result_is_dropped_at_home_when_its_context_dies_elsewhere";

#[test]
fn a_late_result_is_dropped_at_home_when_its_context_dies_elsewhere() {
    // In a process of its own: the maximum is the whole process's.
    if passes_in_child(ELSEWHERE) {
        return;
    }
    qio_task::set_max_threads(std::num::NonZero::<usize>::MIN);
    let (value, dropped) = Dropped::here();
    let (gate, wait) = gate();
    let (sent, is_sent) = mpsc::channel();
    let context = on_dying_context(|context| {
        let ends = std::rc::Rc::new(std::cell::Cell::new(false));
        let ended = ends.clone();
        let running = QioTask::builder()
            .callback(move |result: Result<Dropped, Error>| {
                assert!(matches!(result, Err(Error::Cancelled)));
                ended.set(true);
            })
            .run_in_thread(move |_| {
                wait();
                Ok(value)
            });
        gate.wait_for_arrival();
        running.cancel();
        iterate_until(context, || ends.get());
        gate.open();
        context.clone()
    });
    // The only thread runs this when it has left that result.
    let other = glib::MainContext::new();
    QioTask::builder()
        .callback_on(&other, |_: Result<(), Error>| {})
        .run_in_thread(move |_| {
            sent.send(()).unwrap();
            Ok(())
        });
    is_sent.recv().unwrap();
    thread::spawn(move || drop(context)).join().unwrap();
    on_context(|_| {
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .complete(Ok(()));
    });
    assert_eq!(count(&dropped), 1);
}

#[test]
fn a_result_that_comes_when_a_cancelled_task_has_died_with_its_context() {
    let (value, dropped) = Dropped::here();
    let (gate, wait) = gate();
    on_dying_context(|_| {
        let running = QioTask::builder()
            .callback(|_: Result<Dropped, Error>| panic!("its context is dead"))
            .run_in_thread(move |_| {
                wait();
                Ok(value)
            });
        gate.wait_for_arrival();
        // Its delivery is queued, and dies with the context.
        running.cancel();
    });
    gate.open();
    while count(&dropped) == 0 {
        on_context(|_| {
            QioTask::builder()
                .callback(|result: Result<(), Error>| result.unwrap())
                .complete(Ok(()));
        });
        thread::yield_now();
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
    on_context(|_| {
        QioTask::builder()
            .callback(|result: Result<(), Error>| result.unwrap())
            .complete(Ok(()));
    });
    assert_eq!(count(&dropped), 1, "as the library is next used here");
}
