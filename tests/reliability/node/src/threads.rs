//! Tasks of many threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{
    MainContext, Priority,
    node::due,
    runner,
    support::{
        Ended, cancel, iterate_until, late_task, on_context, run_in_thread, task, task_at, task_on,
        wait,
    },
};

#[derive(Clone, Default)]
struct Count(Arc<AtomicUsize>);

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn guard(&self) -> Guard {
        Guard(self.clone(), Box::new(1))
    }
}

/// Counts one as it is dropped.
struct Guard(Count, Box<usize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_add(*self.1, Ordering::Relaxed);
    }
}

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
        let handle = run_in_thread(completer, move |node| {
            let _ = node.worker_cancellable().is_cancelled();
            captured_guard
        });
        let cancels = thread::spawn(move || cancel(&handle));
        iterate_until(context, || called.get() == 1);
        cancels.join().unwrap();
        runner::join();
        while context.iterate() {}
        assert_eq!(captured.get(), 1);
    });
}

#[test]
fn threads_work_and_are_waited_for() {
    on_context(|context| {
        let called = Count::default();
        let guard = called.guard();
        let handle = run_in_thread(task(move |_: Ended<u32>| drop(guard)), |_| 1);
        wait(&handle);
        assert_eq!(called.get(), 1);
        runner::join();
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
        runner::join();
    });
    assert_eq!(dropped.get(), 2);
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
            handle.take_back();
        });
        iterate_until(context, || called.get() == 1);
        completes.join().unwrap();
        cancels.join().unwrap();
        while context.iterate() {}
        assert_eq!((called.get(), values.get()), (1, 1));
    });
}

#[test]
#[cfg_attr(miri, ignore = "what a thread leaves is leaked: -Zmiri-ignore-leaks")]
fn threads_end_and_leave_tasks() {
    let (sender, sent) = mpsc::channel();
    let context = MainContext::new();
    let home = thread::spawn({
        let context = context.clone();
        move || {
            context
                .with_thread_default(|| {
                    sender
                        .send(task(|_: Ended<Vec<u32>>| unreachable!()))
                        .unwrap();
                    run_in_thread(task(|_: Ended<Vec<u32>>| {}), |_| vec![1]);
                    sender
                        .send(task(|_: Ended<Vec<u32>>| unreachable!()))
                        .unwrap();
                    cancel(late_task(|_| {}).node());
                })
                .unwrap();
        }
    });
    for completer in sent.iter().take(1) {
        cancel(&completer.node().clone());
        completer.complete_in_idle(Ok(vec![2]));
    }
    home.join().unwrap();
    for completer in sent {
        completer.complete_in_idle(Ok(vec![3]));
    }
    context.iterate();
    drop(context);
    runner::join();
}

#[test]
fn threads_destroy_the_source_as_a_task_is_made() {
    on_context(|context| {
        let level = due::level(context, Priority::DEFAULT_IDLE).unwrap();
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
