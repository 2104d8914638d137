//! What belongs to a task is told that it has ended, once, however that is.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    MainContext, Priority,
    node::{
        callback::Bare, completer::Completer, extra::Extra, inactivity::Inactivity, owner::Owned,
        registry,
    },
    support::{Ended, cancel, complete, join, level, on_context, parts},
};

/// Counts the tasks that it belongs to.
#[derive(Default)]
struct Tasks(AtomicUsize);

impl Owned for Tasks {
    fn begin(&self, _: Option<&Arc<Inactivity>>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn end(&self, _: Option<&Arc<Inactivity>>) {
        let left = self.0.fetch_sub(1, Ordering::Relaxed);
        assert!(left > 0, "each ends once");
    }
}

fn task_with(tasks: &Arc<Tasks>, callback: impl FnOnce(Ended<()>) + 'static) -> Completer<(), ()> {
    let mut extra = Extra::default();
    extra.to_own.push(tasks.clone());
    extra.begin(Priority::DEFAULT_IDLE);
    registry::keep(Completer::at_home(
        parts(level(), Some(extra)),
        Bare(callback),
    ))
}

#[test]
fn they_end_before_the_callback_is_called() {
    on_context(|_| {
        let tasks = Arc::<Tasks>::default();
        let seen = tasks.clone();
        let callback = move |_: Ended<()>| assert_eq!(seen.0.load(Ordering::Relaxed), 0);
        let completer = task_with(&tasks, callback);
        assert_eq!(tasks.0.load(Ordering::Relaxed), 1);
        complete(completer, Ok(()));
        assert_eq!(Arc::strong_count(&tasks), 1);
    });
}

#[test]
fn they_end_with_a_context_that_dies() {
    let tasks = Arc::<Tasks>::default();
    let completer = on_context({
        let tasks = tasks.clone();
        move |_| task_with(&tasks, |_: Ended<()>| unreachable!("it is dropped"))
    });
    assert_eq!(tasks.0.load(Ordering::Relaxed), 0);
    complete(completer, Ok(()));
    assert_eq!(Arc::strong_count(&tasks), 1);
}

#[test]
fn they_end_with_a_thread_that_ends() {
    let tasks = Arc::<Tasks>::default();
    let context = MainContext::new();
    thread::spawn({
        let (tasks, context) = (tasks.clone(), context.clone());
        move || {
            let make = || {
                let completer = task_with(&tasks, |_: Ended<()>| unreachable!("it is leaked"));
                cancel(completer.node());
            };
            context.with_thread_default(make).unwrap();
        }
    })
    .join()
    .unwrap();
    // A worker thread lets go of them.
    while tasks.0.load(Ordering::Relaxed) > 0 {
        thread::yield_now();
    }
    join();
}
