//! A task that has ended is gone from the list at once, whatever ended it.

use std::{
    cell::{Cell, RefCell},
    num::NonZero,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::{IOCondition, MainContext};
use qio_task::{Error, QioTask, TaskState, inspect, spawn_blocking};

#[cfg(target_os = "linux")]
use crate::common::refusal::{in_child_with_large_stacks, refuse_threads, start_glib};
use crate::{
    common::{
        builder, busy_worker, flag, gate, in_child, is_child, iterate, iterate_until,
        on_dying_context, passes_in_child, sockets::connected, wait_until,
    },
    views::{any_end, assert_none_on, on_inspected_context, only_task_on, states_on, tasks_on},
};

/// A task that is settled by its owner alone, and one that others may end.
const NAMES: [Option<&str>; 2] = [None, Some("named")];

/// Else it would be no wonder that it is gone.
#[track_caller]
fn assert_known(context: &MainContext) {
    let _the_one = only_task_on(context);
}

#[test]
fn completed_inline() {
    on_inspected_context(|context| {
        let source = gio::Cancellable::new();
        for name in NAMES {
            let task = builder(name)
                .source(&source)
                .callback(|_, result: Result<u32, Error>| drop(result));
            assert_known(context);
            task.complete(Ok(1));
            assert_none_on(context);
        }
    });
}

#[test]
fn completed_in_idle() {
    on_inspected_context(|context| {
        for name in NAMES {
            let (ended, has_ended) = flag();
            builder(name)
                .callback(move |_: Result<u32, Error>| ended.set(true))
                .complete_in_idle(Ok(1));
            assert_known(context);
            iterate_until(context, || has_ended.get());
            assert_none_on(context);
        }
    });
}

#[test]
fn completed_by_its_worker() {
    on_inspected_context(|context| {
        for name in NAMES {
            for _ in 0..200 {
                let (ended, has_ended) = flag();
                builder(name)
                    .callback(move |_: Result<u32, Error>| ended.set(true))
                    .run_in_thread(|_| Ok(1));
                assert_known(context);
                iterate_until(context, || has_ended.get());
                assert_none_on(context);
            }
        }
    });
}

#[test]
fn completed_by_another_thread() {
    on_inspected_context(|context| {
        for name in NAMES {
            for _ in 0..200 {
                let (ended, has_ended) = flag();
                let task = builder(name).callback(move |_: Result<u32, Error>| ended.set(true));
                let completer = thread::spawn(move || task.complete(Ok(1)));
                assert_known(context);
                iterate_until(context, || has_ended.get());
                assert_none_on(context);
                completer.join().unwrap();
                assert_none_on(context);
            }
        }
    });
}

#[test]
fn waited_for() {
    on_inspected_context(|context| {
        for name in NAMES {
            for _ in 0..200 {
                let task = builder(name).callback(any_end::<u32>());
                let running = task.run_in_thread(|_| Ok(1));
                assert_known(context);
                running.wait();
                assert_none_on(context);
            }
        }
    });
}

#[test]
fn awaited() {
    on_inspected_context(|context| {
        let future = spawn_blocking(|_| Ok::<_, glib::Error>(1));
        assert_known(context);
        assert_eq!(context.block_on(future).unwrap(), 1);
        assert_none_on(context);
    });
}

#[test]
fn of_a_future_that_was_dropped() {
    on_inspected_context(|context| {
        let (task, future) = QioTask::builder().future::<u32, glib::Error>();
        drop(future);
        assert_known(context);
        iterate(context);
        assert_none_on(context);
        drop(task);
        assert_none_on(context);
    });
}

const BEFORE: &str = "gone::cancelled_before_its_worker_has_a_thread";

#[test]
fn cancelled_before_its_worker_has_a_thread() {
    // In a process of its own: the maximum is the whole process's.
    if passes_in_child(BEFORE) {
        return;
    }
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    on_inspected_context(|context| {
        let (gate, busy) = busy_worker();
        let (ended, has_ended) = flag();
        let running = QioTask::builder()
            .callback(move |_: Result<(), Error>| ended.set(true))
            .run_in_thread(|_| unreachable!("it never starts"));
        running.cancel();
        assert_eq!(states_on(context), [TaskState::Running, TaskState::Queued]);
        iterate_until(context, || has_ended.get());
        assert_eq!(states_on(context), [TaskState::Running], "it never starts");
        gate.open();
        busy.wait();
        running.wait();
        assert_none_on(context);
    });
}

#[test]
fn cancelled_before_it_was_made() {
    on_inspected_context(|context| {
        let cancellable = gio::Cancellable::new();
        cancellable.cancel();
        let (ended, has_ended) = flag();
        let task = QioTask::builder()
            .cancellable(&cancellable)
            .callback(move |_: Result<u32, Error>| ended.set(true));
        assert_eq!(only_task_on(context).state(), TaskState::Queued);
        iterate_until(context, || has_ended.get());
        assert_none_on(context);
        let running = task.run_in_thread(|_| unreachable!("it never starts"));
        assert_none_on(context);
        running.wait();
        assert_none_on(context);
    });
}

#[test]
fn cancelled_while_it_is_driven() {
    on_inspected_context(|context| {
        for name in NAMES {
            let (ended, has_ended) = flag();
            let (near, _far) = connected();
            let watch = builder(name)
                .callback(move |_: Result<(), Error>| ended.set(true))
                .watch_socket(&near, IOCondition::IN, |_| ControlFlow::Continue(()));
            watch.cancel();
            assert_eq!(only_task_on(context).state(), TaskState::Queued);
            iterate_until(context, || has_ended.get());
            assert_none_on(context);
        }
    });
}

#[test]
fn timed_out() {
    on_inspected_context(|context| {
        let (ended, has_ended) = flag();
        let task = QioTask::builder()
            .timeout(Duration::from_millis(1))
            .callback(move |_: Result<u32, Error>| ended.set(true));
        assert_known(context);
        iterate_until(context, || has_ended.get());
        assert_none_on(context);
        task.complete(Ok(1));
        assert_none_on(context);
    });
}

#[test]
fn abandoned() {
    on_inspected_context(|context| {
        for name in NAMES {
            drop(builder(name).callback(any_end::<u32>()));
            assert_known(context);
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[test]
fn abandoned_by_another_thread() {
    on_inspected_context(|context| {
        for name in NAMES {
            let task = builder(name).callback(any_end::<u32>());
            thread::spawn(move || drop(task)).join().unwrap();
            assert_known(context);
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[test]
fn with_a_worker_that_panicked() {
    on_inspected_context(|context| {
        let seen = Rc::new(RefCell::new(None));
        let slot = seen.clone();
        let running = QioTask::builder()
            .callback(move |result: Result<u32, Error>| *slot.borrow_mut() = Some(result))
            .run_in_thread(|_| panic!("for the test"));
        assert_known(context);
        running.wait();
        assert!(matches!(seen.take(), Some(Err(Error::Panicked(_)))));
        assert_none_on(context);
    });
}

#[test]
fn with_a_callback_that_panicked() {
    on_inspected_context(|context| {
        for name in NAMES {
            let task = builder(name).callback(|_: Result<u32, Error>| panic!("for the test"));
            assert_known(context);
            let panic = catch_unwind(AssertUnwindSafe(|| task.complete(Ok(1))));
            assert!(panic.is_err());
            assert_none_on(context);

            let running = builder(name)
                .callback(|_: Result<u32, Error>| panic!("for the test"))
                .run_in_thread(|_| Ok(1));
            let panic = catch_unwind(AssertUnwindSafe(|| running.wait()));
            assert!(panic.is_err());
            iterate(context);
            assert_none_on(context);
        }
    });
}

#[cfg(target_os = "linux")]
const REFUSED: &str = "gone::with_a_thread_that_was_refused";

#[test]
#[cfg(target_os = "linux")]
fn with_a_thread_that_was_refused() {
    if !is_child(REFUSED) {
        in_child_with_large_stacks(REFUSED);
        return;
    }
    on_inspected_context(|context| {
        start_glib();
        refuse_threads();
        let (ended, has_ended) = flag();
        let running = QioTask::builder()
            .callback(move |result: Result<(), Error>| {
                assert!(matches!(result, Err(Error::Spawn(_))));
                ended.set(true);
            })
            .run_in_thread(|_| Ok(()));
        assert_eq!(only_task_on(context).state(), TaskState::Queued);
        iterate_until(context, || has_ended.get());
        assert_none_on(context);
        running.wait();
    });
}

/// Makes a task of this name with `make` on a context that dies then, and
/// looks for it.
#[track_caller]
fn assert_gone_with_its_context(name: &str, make: impl FnOnce(qio_task::Builder)) {
    qio_task::set_inspecting(true);
    let is_there = || inspect().iter().any(|task| task.name() == Some(name));
    on_dying_context(|_| {
        make(QioTask::builder().name(name));
        assert!(is_there());
    });
    assert!(!is_there(), "it is gone with its context");
}

#[test]
fn with_its_context_when_it_was_queued() {
    assert_gone_with_its_context("was queued", |builder| {
        builder.callback(any_end::<u32>()).complete_in_idle(Ok(1));
    });
}

#[test]
fn with_its_context_when_it_was_driven() {
    assert_gone_with_its_context("was driven", |builder| {
        builder
            .callback(any_end::<u32>())
            .poll_every(Duration::from_secs(100), || ControlFlow::Continue(()));
    });
}

#[test]
fn with_its_context_when_it_was_queued_for_any_thread() {
    qio_task::set_inspecting(true);
    let is_there = || inspect().iter().any(|task| task.name() == Some("for any"));
    on_dying_context(|context| {
        let builder = QioTask::builder().name("for any");
        let task = builder.callback_on(context, any_end::<u32>());
        task.complete_in_idle(Ok(1));
        assert!(is_there());
    });
    assert!(!is_there());
}

#[test]
fn without_a_name_and_with_its_context() {
    qio_task::set_inspecting(true);
    let id = on_dying_context(|context| {
        QioTask::builder()
            .callback(any_end::<u32>())
            .complete_in_idle(Ok(1));
        only_task_on(context).id()
    });
    assert!(inspect().iter().all(|task| task.id() != id));
}

const THREAD: &str = "gone::with_its_thread";

#[test]
fn with_its_thread() {
    // In a process of its own: the library warns of what is leaked.
    if !is_child(THREAD) {
        let output = in_child(THREAD);
        assert!(output.status.success(), "{output:?}");
        return;
    }
    qio_task::set_inspecting(true);
    let context = glib::MainContext::new();
    let (gate, wait) = gate();
    thread::spawn({
        let context = context.clone();
        move || {
            context
                .with_thread_default(|| {
                    QioTask::builder()
                        .callback(any_end::<u32>())
                        .complete_in_idle(Ok(1));
                    QioTask::builder()
                        .callback(any_end::<u32>())
                        .run_in_thread(move |_| {
                            wait();
                            Ok(1)
                        });
                    let held = QioTask::builder().name("held").callback(any_end::<u32>());
                    std::mem::forget(held);
                    assert_eq!(tasks_on(&context).len(), 3);
                })
                .unwrap();
            gate.wait_for_arrival();
            gate
        }
    })
    .join()
    .unwrap()
    .open();
    wait_until(|| tasks_on(&context).is_empty());
    iterate(&context);
    assert_none_on(&context);
}

const MANY: &str = "gone::a_hundred_thousand";

#[test]
fn a_hundred_thousand() {
    if passes_in_child(MANY) {
        return;
    }
    on_inspected_context(|context| {
        let ended = Rc::new(Cell::new(0));
        for number in 0..100_000 {
            let ended = ended.clone();
            let task = QioTask::builder().callback(move |_: Result<u32, Error>| {
                ended.set(ended.get() + 1);
            });
            match number % 3 {
                0 => task.complete(Ok(1)),
                1 => task.complete_in_idle(Ok(1)),
                _ => drop(task.run_in_thread(|_| Ok(1))),
            }
        }
        let left = 100_000 - ended.get();
        assert_eq!(tasks_on(context).len(), left);
        iterate_until(context, || ended.get() == 100_000);
        assert_none_on(context);
    });
    assert!(inspect().is_empty());
}

/// Another context may have its address.
#[test]
fn a_context_that_is_gone_is_no_tasks_any_more() {
    let (gate, running) = on_dying_context(|context| {
        qio_task::set_inspecting(true);
        let (gate, running) = busy_worker();
        running.cancel();
        iterate(context);
        assert_eq!(only_task_on(context).state(), TaskState::Late);
        let ended = running.worker_ended();
        (gate, ended)
    });
    let late: Vec<_> = inspect();
    let late = late.iter().filter(|task| task.state() == TaskState::Late);
    let late: Vec<_> = late.map(ToString::to_string).collect();
    assert!(
        late.iter().any(|line| line.ends_with(", context gone")),
        "{late:?}"
    );
    gate.open();
    MainContext::new().block_on(running);
}
