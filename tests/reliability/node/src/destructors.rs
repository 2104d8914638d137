//! Destructors that panic: those of a worker's function, and of a result.

use std::panic;

use crate::{
    Error, MainContext,
    node::node::NodeRef,
    support::{Count, Ended, Function, Guard, cancel, complete, iterate_until, on_context, task},
};

/// Panics as it is dropped, after all that it has is.
struct Panics(Guard);

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("as it is dropped");
    }
}

#[test]
fn a_function_whose_destructor_panics() {
    let dropped = on_context(|context| {
        let (dropped, called) = (Count::default(), Count::default());
        for before in [false, true] {
            let guard = called.guard();
            let completer = task(move |result: Ended<()>| {
                drop(guard);
                assert!(matches!(result, Err(Error::Cancelled)));
            });
            let handle = completer.node().clone();
            let captured = Panics(dropped.guard());
            if before {
                cancel(&handle);
            }
            let (node, is_waiting) = completer.submit_worker(Function::new(move |_: &NodeRef| {
                let _captured = captured;
            }));
            assert_ne!(is_waiting, before);
            cancel(&handle);
            node.run_worker();
            let so_far = if before { 2 } else { 1 };
            iterate_until(context, || called.get() == so_far);
        }
        dropped
    });
    assert_eq!(dropped.get(), 2);
}

#[test]
fn a_result_whose_destructor_panics() {
    let dropped = on_context(|context| {
        let (dropped, called) = (Count::default(), Count::default());
        let make = || {
            let guard = called.guard();
            task(move |result: Ended<Panics>| {
                drop(guard);
                assert!(matches!(result, Err(Error::Cancelled)));
            })
        };
        // Too late; and in time, but a cancellation wins.
        let late = make();
        cancel(late.node());
        late.complete_in_idle(Ok(Panics(dropped.guard())));
        let early = make();
        let handle = early.node().clone();
        early.complete_in_idle(Ok(Panics(dropped.guard())));
        cancel(&handle);
        iterate_until(context, || called.get() == 2);
        // Its context dies.
        let other = MainContext::new();
        other
            .with_thread_default(|| make().complete_in_idle(Ok(Panics(dropped.guard()))))
            .unwrap();
        drop(other);
        assert_eq!(called.get(), 3);
        // The callback drops it: that unwinds to who completes the task.
        for has_handle in [false, true] {
            let completer = task(|result: Ended<Panics>| drop(result));
            let _handle = has_handle.then(|| completer.node().clone());
            let result = Ok(Panics(dropped.guard()));
            let completes = panic::AssertUnwindSafe(|| complete(completer, result));
            panic::catch_unwind(completes).unwrap_err();
        }
        dropped
    });
    assert_eq!(dropped.get(), 5);
}
