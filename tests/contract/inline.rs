//! Rule 4: `complete` on the context's own thread runs the callback before it returns.

use std::{cell::Cell, rc::Rc, thread};

use glib::{MainContext, MainLoop};
use qio_task::{Error, QioTask};

use crate::common::{flag, iterate, on_context};

fn set(flag: Rc<Cell<bool>>) -> impl FnOnce(Result<(), Error>) {
    move |_| flag.set(true)
}

#[test]
fn inline_without_a_loop() {
    on_context(|_| {
        let (called, flag) = flag();
        QioTask::builder().callback(set(flag)).complete(Ok(()));
        assert!(called.get());
    });
}

#[test]
fn inline_inside_a_dispatch_of_the_same_iteration() {
    on_context(|context| {
        let main_loop = MainLoop::new(Some(context), false);
        let (called, _) = flag();
        context.spawn_local({
            let (called, main_loop) = (called.clone(), main_loop.clone());
            async move {
                QioTask::builder()
                    .callback(set(called.clone()))
                    .complete(Ok(()));
                assert!(called.get());
                main_loop.quit();
            }
        });
        main_loop.run();
        assert!(called.get());
    });
}

#[test]
fn inline_inside_of_a_callback() {
    on_context(|context| {
        let (outer, flag) = flag();
        let task = QioTask::builder().callback(move |_: Result<(), Error>| {
            let (inner, inner_flag) = crate::common::flag();
            QioTask::builder()
                .callback(set(inner_flag))
                .complete(Ok(()));
            assert!(inner.get());
            flag.set(true);
        });
        task.complete_in_idle(Ok(()));
        iterate(context);
        assert!(outer.get());
    });
}

#[test]
fn inline_after_a_cancellation_that_was_not_delivered_yet() {
    use gio::prelude::*;
    on_context(|context| {
        let cancellable = gio::Cancellable::new();
        let ends = crate::common::Log::new();
        let log = ends.clone();
        let task = QioTask::builder().cancellable(&cancellable).callback(
            move |result: Result<(), Error>| {
                log.push(matches!(result, Err(Error::Cancelled)));
            },
        );
        cancellable.cancel();
        task.complete(Ok(()));
        assert_eq!(
            ends.take(),
            [true],
            "before `complete` returns, and cancelled"
        );
        iterate(context);
        assert!(ends.is_empty());
    });
}

#[test]
fn from_another_thread_through_the_loop() {
    on_context(|context| {
        let (called, flag) = flag();
        let task = QioTask::builder().callback(set(flag));
        thread::spawn(move || task.complete(Ok(()))).join().unwrap();
        assert!(!called.get());
        iterate(context);
        assert!(called.get());
    });
}

#[test]
fn complete_in_idle_always_defers() {
    on_context(|context| {
        let (called, flag) = flag();
        let task = QioTask::builder().callback(move |_: Result<(), Error>| {
            let (inner, inner_flag) = crate::common::flag();
            QioTask::builder()
                .callback(set(inner_flag))
                .complete_in_idle(Ok(()));
            assert!(!inner.get(), "also inside of a dispatch");
            flag.set(true);
        });
        task.complete_in_idle(Ok(()));
        assert!(!called.get());
        iterate(context);
        assert!(called.get());
    });
}

#[test]
fn callback_on_is_inline_for_the_owner_alone() {
    on_context(|context| {
        let make = |context: &MainContext| {
            let (sender, called) = std::sync::mpsc::channel();
            let task = QioTask::builder().callback_on(context, move |_: Result<(), Error>| {
                sender.send(()).unwrap();
            });
            (task, called)
        };
        let (task, called) = make(context);
        task.complete(Ok(()));
        assert!(called.try_recv().is_ok());

        let other = MainContext::new();
        let (task, called) = make(&other);
        task.complete(Ok(()));
        assert!(called.try_recv().is_err());
        iterate(&other);
        assert!(called.try_recv().is_ok());
    });
}
