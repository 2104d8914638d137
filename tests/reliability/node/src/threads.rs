//! Tasks of many threads.

use std::thread;

use crate::{
    MainContext, Priority,
    node::levels,
    support::{
        Count, Ended, Guard, cancel, iterate_until, join, on_context, run_in_thread, task, task_at,
        task_on, wait,
    },
};

#[test]
fn threads_complete_and_cancel() {
    on_context(|context| {
        let (called, values) = (Count::default(), Count::default());
        let called_guard = called.guard();
        let completer = task(move |_: Ended<Guard>| drop(called_guard));
        let (handle, value) = (completer.node().clone(), values.guard());
        let completes = thread::spawn(move || completer.complete_in_idle(Ok(value)));
        let cancels = thread::spawn(move || cancel(&handle));
        iterate_until(context, || called.get() == 1);
        completes.join().unwrap();
        cancels.join().unwrap();
        while context.iterate() {}
        assert_eq!((called.get(), values.get()), (1, 1));
    });
}

#[test]
fn threads_work_and_cancel() {
    on_context(|context| {
        let (called, captured) = (Count::default(), Count::default());
        let (called_guard, captured_guard) = (called.guard(), captured.guard());
        let completer = task(move |_: Ended<Guard>| drop(called_guard));
        let handle = completer.node().clone();
        run_in_thread(completer, move |node| {
            let _ = node.worker_cancellable().is_cancelled();
            captured_guard
        });
        let cancels = thread::spawn(move || cancel(&handle));
        iterate_until(context, || called.get() == 1);
        cancels.join().unwrap();
        join();
        while context.iterate() {}
        assert_eq!(captured.get(), 1);
    });
}

#[test]
fn threads_work_and_are_waited_for() {
    on_context(|context| {
        let called = Count::default();
        let guard = called.guard();
        let completer = task(move |_: Ended<u32>| drop(guard));
        let handle = completer.node().clone();
        run_in_thread(completer, |_| 1);
        wait(&handle);
        assert_eq!(called.get(), 1);
        join();
        assert!(!context.iterate() || called.get() == 1);
    });
}

#[test]
fn threads_work_as_the_context_dies() {
    let dropped = on_context(|_| {
        let dropped = Count::default();
        let context = MainContext::new();
        let (captured, value) = (dropped.guard(), dropped.guard());
        context
            .with_thread_default(|| {
                let completer = task(move |_: Ended<Guard>| {
                    let _captured = captured;
                    unreachable!("it is dropped")
                });
                run_in_thread(completer, move |_| value);
            })
            .unwrap();
        drop(context);
        dropped
    });
    assert_eq!(dropped.get(), 2);
}

#[test]
fn threads_work_as_the_context_dies_elsewhere() {
    let dropped = Count::default();
    let (captured, value) = (dropped.guard(), dropped.guard());
    on_context(|_| {
        let context = MainContext::new();
        context
            .with_thread_default(|| {
                let completer = task(move |_: Ended<Guard>| {
                    let _captured = captured;
                    unreachable!("it is dropped")
                });
                run_in_thread(completer, move |_| value);
            })
            .unwrap();
        thread::spawn(move || drop(context)).join().unwrap();
        drop(task(|_: Ended<()>| {}));
        join();
    });
    assert_eq!(dropped.get(), 2);
}

/// Its home has not heard of it yet: what nobody wants is dropped where it was made.
#[test]
fn threads_complete_after_the_context_died_elsewhere() {
    on_context(|_| {
        let (called, values) = (Count::default(), Count::default());
        let context = MainContext::new();
        let completer = context
            .with_thread_default(|| {
                let guard = called.guard();
                task(move |_: Ended<Guard>| {
                    let _captured = guard;
                    unreachable!("it is dropped")
                })
            })
            .unwrap();
        thread::spawn(move || drop(context)).join().unwrap();
        let value = values.guard();
        let completes = thread::spawn(move || completer.complete_in_idle(Ok(value)));
        completes.join().unwrap();
        assert_eq!((called.get(), values.get()), (0, 1));
        drop(task(|_: Ended<()>| {}));
        assert_eq!(called.get(), 1);
    });
}

#[test]
fn threads_of_any_context() {
    on_context(|context| {
        let called = Count::default();
        let guard = called.guard();
        let completer = task_on(context, move |_: Ended<Guard>| drop(guard));
        let values = Count::default();
        let value = values.guard();
        let handle = completer.node().clone();
        let completes = thread::spawn(move || completer.complete_in_idle(Ok(value)));
        let cancels = thread::spawn(move || {
            cancel(&handle);
            handle.deliver_here(None);
        });
        iterate_until(context, || called.get() == 1);
        completes.join().unwrap();
        cancels.join().unwrap();
        while context.iterate() {}
        assert_eq!((called.get(), values.get()), (1, 1));
    });
}

#[test]
fn threads_destroy_the_source_as_a_task_is_made() {
    on_context(|context| {
        let level = levels::level_of_any(context, Priority::DEFAULT_IDLE);
        context.destroy_sources();
        let dropped = Count::default();
        let captured = dropped.guard();
        let completer = task_at(level, move |_: Ended<()>| {
            let _captured = captured;
            unreachable!("it is dropped")
        });
        assert!(completer.node().is_finished(), "nobody waits for ever");
        completer.complete_in_idle(Ok(()));
        assert_eq!(dropped.get(), 1);
    });
}
