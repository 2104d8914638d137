//! A thread ends, and leaves tasks. Their callbacks are leaked, and the results that wait for
//! them: what is so left has no memory of its own here, and nothing else may be lost.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{
    MainContext,
    node::{callback::Callback, completer::Completer, node::NodeRef},
    support::{Count, Ended, Function, cancel, complete, join, run_in_thread, task, task_of},
};

/// Is never dropped where it is leaked.
struct Leaked;

static DROPPED: AtomicUsize = AtomicUsize::new(0);

impl Drop for Leaked {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

fn leaving() -> Completer<Leaked, ()> {
    let captured = Leaked;
    task(move |_: Ended<Leaked>| {
        let _captured = captured;
        unreachable!("it is leaked")
    })
}

/// Runs `leave` on a thread of its own, within `context`, and waits until that has ended.
fn on_a_thread_that_ends(context: &MainContext, leave: impl FnOnce() + Send + 'static) {
    let context = context.clone();
    thread::spawn(move || context.with_thread_default(leave).unwrap())
        .join()
        .unwrap();
}

#[test]
fn a_thread_that_ends_with_tasks_of_each_kind() {
    let context = MainContext::new();
    let (sender, sent) = mpsc::channel();
    let (captured, values) = (Count::default(), Count::default());
    let (in_worker, value) = (captured.guard(), values.guard());
    on_a_thread_that_ends(&context, move || {
        // Somebody else completes it.
        sender.send(leaving()).unwrap();
        // It is decided.
        cancel(leaving().node());
        // Its worker has not started.
        let (node, _) = leaving().submit_worker(Function::new(move |_: &NodeRef| {
            let _captured = (in_worker, value);
            unreachable!("it is dropped")
        }));
        drop(node);
    });
    join();
    assert_eq!(
        (captured.get(), values.get()),
        (1, 1),
        "for the worker's sake"
    );
    assert_eq!(DROPPED.load(Ordering::Relaxed), 0, "they are leaked");
    let completer = sent.recv().unwrap();
    let handle = completer.node().clone();
    completer.complete_in_idle(Ok(Leaked));
    assert_eq!(DROPPED.load(Ordering::Relaxed), 1, "nobody wants this one");
    assert!(handle.is_finished());
    drop(handle);
    while context.iterate() {}
    drop(context);
}

#[test]
fn a_thread_that_ends_with_a_worker_that_runs() {
    let context = MainContext::new();
    on_a_thread_that_ends(&context, || {
        // Its result waits for the callback, or comes too late.
        run_in_thread(task(|_: Ended<u32>| {}), |_| 1);
        run_in_thread(task(|_: Ended<Vec<u32>>| {}), |node| {
            while !node.is_interrupted() {
                thread::yield_now();
            }
            vec![2]
        });
    });
    join();
}

/// Completes a task as its own is abandoned.
struct Abandons;

static TO_COMPLETE: Mutex<Option<Completer<(), ()>>> = Mutex::new(None);

impl Callback<(), ()> for Abandons {
    fn call(self, _: Ended<()>) {}

    fn source(&self) -> Option<&crate::Object> {
        None
    }

    fn tell_leaked(&self) {
        let other = TO_COMPLETE.lock().unwrap().take();
        complete(other.unwrap(), Ok(()));
    }
}

#[test]
fn a_thread_that_ends_and_who_is_told_completes_another_task() {
    let context = MainContext::new();
    on_a_thread_that_ends(&context, || {
        drop(task_of(Abandons));
        let other = task(|_: Ended<()>| unreachable!("it is leaked"));
        *TO_COMPLETE.lock().unwrap() = Some(other);
    });
    join();
    assert!(TO_COMPLETE.lock().unwrap().is_none(), "it was told");
}

/// What is due for a thread that has ended is let go of by the next one that iterates.
#[test]
fn a_thread_that_ends_with_tasks_that_are_due() {
    let context = MainContext::new();
    on_a_thread_that_ends(&context, || leaving().complete_in_idle(Ok(Leaked)));
    join();
    while context.iterate() {}
    drop(context);
}
