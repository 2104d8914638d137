//! A callback panics where it runs inline: in `complete`, in `wait`, and
//! below a callback of the loop that catches it.
//!
//! Stronger than the contract's `panic`: what is left behind each time.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{Builder, Error, Progress, QioTask};

use crate::{
    common::{Dropped, Log, count, fatal_warnings, iterate, on_context},
    ends::{End, Ends},
};

#[track_caller]
fn unwinds(f: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("the panic comes here");
    assert_eq!(panic.downcast_ref(), Some(&"inline"));
}

/// Ends a task whose callback panics, by `end`, and looks for what is left.
fn leaves_nothing(
    context: &MainContext,
    build: &dyn Fn(Builder) -> Builder,
    end: &dyn Fn(QioTask<()>),
) {
    let (captured, dropped) = Dropped::here();
    let source = gio::Cancellable::new();
    let default = MainContext::thread_default();
    // One that is queued, and one that is made later.
    let ends = Ends::default();
    QioTask::builder()
        .callback(ends.of::<()>(0))
        .complete_in_idle(Ok(()));
    let builder = build(QioTask::builder()).source(&source);
    let task = builder.callback(move |_, _: Result<(), Error>| {
        let _captured = captured;
        std::panic::panic_any("inline");
    });
    unwinds(|| end(task));
    assert_eq!(count(&dropped), 1, "dropped as it unwinds");
    iterate(context);
    assert_eq!(source.ref_count(), 1, "the source is let go of");
    assert_eq!(MainContext::thread_default(), default);
    QioTask::builder()
        .callback(ends.of::<()>(1))
        .run_in_thread(|_| Ok(()));
    ends.wait_for(context, 2);
    assert_eq!(ends.take(), [End::Ok, End::Ok]);
}

#[test]
fn in_complete_and_in_wait() {
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let builds: [&dyn Fn(Builder) -> Builder; 3] = [
            &|builder| builder,
            &|builder| builder.name("named"),
            &|builder| {
                let builder = builder.cancellable(&cancellable);
                builder.timeout(Duration::from_hours(1))
            },
        ];
        let ends: [&dyn Fn(QioTask<()>); 5] = [
            &|task| task.complete(Ok(())),
            &|task| task.complete(Err(glib::Error::new(gio::IOErrorEnum::Failed, ""))),
            &|task| task.run_in_thread(|_| Ok(())).wait(),
            &|task| task.run_in_thread(|_| panic!("the worker, too")).wait(),
            &|task| {
                let running = task.run_in_thread(|_| Ok(()));
                running.cancel();
                running.wait();
            },
        ];
        for build in builds {
            for end in ends {
                leaves_nothing(context, build, end);
            }
        }
        assert_eq!(cancellable.ref_count(), 1);
        cancellable.cancel();
    });
}

#[test]
fn in_a_context_that_is_not_the_default() {
    fatal_warnings();
    let context = MainContext::new();
    let task = context
        .with_thread_default(|| {
            QioTask::builder().callback(|_: Result<(), Error>| std::panic::panic_any("inline"))
        })
        .unwrap();
    on_context(|default| {
        unwinds(|| task.complete(Ok(())));
        assert_eq!(MainContext::thread_default().as_ref(), Some(default));
    });
    assert!(MainContext::thread_default().is_none());
    let owner = thread::spawn(move || context.acquire().is_ok());
    assert!(owner.join().unwrap(), "nobody owns it any more");
}

#[test]
fn for_a_callback_that_any_thread_may_run() {
    fatal_warnings();
    let context = MainContext::new();
    let make = || {
        let builder = QioTask::builder();
        builder.callback_on(&context, |_: Result<(), Error>| {
            std::panic::panic_any("inline");
        })
    };
    let owner = context.acquire().unwrap();
    let task = make();
    unwinds(|| task.complete(Ok(())));
    drop(owner);
    let running = make().run_in_thread(|_| Ok(()));
    unwinds(|| running.wait());
    let elsewhere = thread::spawn({
        let context = context.clone();
        move || context.acquire().is_ok()
    });
    assert!(elsewhere.join().unwrap(), "nobody owns it any more");
    let ends = Ends::default();
    QioTask::builder()
        .callback_on(&context, ends.of::<()>(0))
        .run_in_thread(|_| Ok(()));
    ends.wait_for(&context, 1);
}

#[test]
fn below_a_callback_of_the_loop_that_catches_it() {
    on_context(|context| {
        let order = Log::new();
        for number in 0..200 {
            let order = order.clone();
            QioTask::builder()
                .callback(move |_: Result<(), Error>| {
                    order.push(number);
                    let make = || {
                        QioTask::builder()
                            .callback(|_: Result<(), Error>| std::panic::panic_any("inline"))
                    };
                    let task = make();
                    unwinds(|| task.complete(Ok(())));
                    if number % 20 == 0 {
                        unwinds(|| make().run_in_thread(|_| Ok(())).wait());
                    }
                })
                .complete_in_idle(Ok(()));
        }
        iterate(context);
        assert!(order.take().into_iter().eq(0..200), "each once, in order");
    });
}

/// Each level makes and ends the next in its callback, the last panics, and
/// every level lets it pass.
fn descend(depth: u32, unwound: Rc<Cell<u32>>) {
    struct Unwound(Rc<Cell<u32>>);
    impl Drop for Unwound {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let task = QioTask::builder().callback(move |_: Result<(), Error>| {
        let _unwound = Unwound(unwound.clone());
        if depth == 0 {
            std::panic::panic_any("inline");
        }
        descend(depth - 1, unwound);
    });
    if depth.is_multiple_of(3) {
        task.run_in_thread(|_| Ok(())).wait();
    } else {
        task.complete(Ok(()));
    }
}

#[test]
fn through_many_levels() {
    on_context(|context| {
        let unwound = Rc::new(Cell::new(0));
        unwinds(|| descend(30, unwound.clone()));
        assert_eq!(unwound.get(), 31);
        let ends = Ends::default();
        QioTask::builder()
            .callback(ends.of::<()>(0))
            .run_in_thread(|_| Ok(()));
        ends.wait_for(context, 1);
    });
}

#[test]
fn in_a_worker_that_waits() {
    on_context(|context| {
        let ends = Ends::default();
        for number in 0..50 {
            QioTask::builder()
                .callback(ends.of::<()>(number))
                .run_in_thread(|_| {
                    on_context(|_| {
                        QioTask::builder()
                            .callback(|_: Result<(), Error>| std::panic::panic_any("inline"))
                            .run_in_thread(|_| Ok(()))
                            .wait();
                    });
                    Ok(())
                });
        }
        ends.wait_for(context, 50);
        assert_eq!(ends.count(End::Panicked), 50, "and their threads serve on");
    });
}

#[test]
fn in_progress_that_a_completion_delivers_first() {
    on_context(|context| {
        let ends = Ends::default();
        for number in 0..3 {
            let mut calls = 0;
            let progress = Progress::new(move |()| {
                calls += 1;
                if calls == 1 {
                    std::panic::panic_any("inline");
                }
            });
            let builder = QioTask::builder();
            let builder = if number == 0 {
                builder
            } else {
                builder.name("named")
            };
            let task = builder.callback(ends.of::<()>(number));
            progress.report(());
            match number {
                0 | 1 => unwinds(|| task.complete(Ok(()))),
                _ => unwinds(|| task.run_in_thread(|_| Ok(())).wait()),
            }
            progress.report(());
            ends.wait_for(context, number + 1);
        }
        assert_eq!(ends.count(End::Ok), 3, "what has unwound comes later");
    });
}
