//! Tasks that nobody else knows: they are freed before their callback is called.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    thread,
};

use crate::{
    Error, MainContext,
    home::{Counted, counted},
    support::{
        Count, Ended, cancel, complete, iterate_until, named_task, on_context, run_in_thread, task,
    },
};

#[test]
fn a_task_that_is_delivered_alone() {
    on_context(|context| {
        let (count, captured) = counted();
        let (values, value) = counted();
        task(move |result: Ended<(Counted, u64)>| {
            let _captured = captured;
            assert_eq!(result.unwrap().1, 11);
        })
        .complete_in_idle(Ok((value, 11)));
        assert_eq!((count.get(), values.get()), (0, 0));
        iterate_until(context, || count.get() == 1);
        assert_eq!(values.get(), 1);
    });
}

#[test]
fn a_task_that_is_delivered_as_another_thread_lets_go() {
    on_context(|context| {
        for is_completed_here in [false, true] {
            let (count, captured) = counted();
            let completer = task(move |result: Ended<Vec<u8>>| {
                let _captured = captured;
                assert_eq!(result.unwrap(), [1, 2]);
            });
            let handle = completer.node().clone();
            let lets_go = thread::spawn(move || {
                assert!(!handle.is_interrupted());
                drop(handle);
            });
            if is_completed_here {
                complete(completer, Ok(vec![1, 2]));
            } else {
                completer.complete_in_idle(Ok(vec![1, 2]));
                iterate_until(context, || count.get() == 1);
            }
            assert_eq!(count.get(), 1);
            lets_go.join().unwrap();
        }
    });
}

#[test]
fn a_task_that_is_delivered_with_a_handle() {
    on_context(|context| {
        let (count, captured) = counted();
        let completer = task(move |result: Ended<Box<u32>>| {
            let _captured = captured;
            assert_eq!(*result.unwrap(), 5);
        });
        let handle = completer.node().clone();
        completer.complete_in_idle(Ok(Box::new(5)));
        iterate_until(context, || count.get() == 1);
        assert!(handle.is_finished());
        cancel(&handle);
    });
}

/// What few tasks have is freed with the node: one that has it is not freed before.
#[test]
fn a_task_with_a_name() {
    on_context(|context| {
        for is_completed_here in [false, true] {
            let (count, captured) = counted();
            let completer = named_task("a name", move |result: Ended<u8>| {
                let _captured = captured;
                assert_eq!(result.unwrap(), 8);
            });
            if is_completed_here {
                complete(completer, Ok(8));
            } else {
                completer.complete_in_idle(Ok(8));
                iterate_until(context, || count.get() == 1);
            }
            assert_eq!(count.get(), 1);
        }
    });
}

#[test]
fn a_task_that_was_cancelled_and_is_delivered_alone() {
    on_context(|context| {
        let (count, captured) = counted();
        let (values, value) = counted();
        let completer = task(move |result: Ended<Counted>| {
            let _captured = captured;
            assert!(matches!(result, Err(Error::Cancelled)));
        });
        let handle = completer.node().clone();
        completer.complete_in_idle(Ok(value));
        cancel(&handle);
        drop(handle);
        iterate_until(context, || count.get() == 1);
        assert_eq!(values.get(), 1);
    });
}

#[test]
fn a_callback_that_panics() {
    on_context(|_| {
        for has_handle in [false, true] {
            let (count, captured) = counted();
            let completer = task(move |_: Ended<()>| {
                let _captured = captured;
                panic!("in the callback");
            });
            let handle = has_handle.then(|| completer.node().clone());
            catch_unwind(AssertUnwindSafe(|| complete(completer, Ok(())))).unwrap_err();
            assert_eq!(count.get(), 1);
            assert!(handle.is_none_or(|handle| handle.is_finished()));
        }
    });
}

/// A callback completes the next task, whose callback does likewise: each is freed before.
#[test]
fn a_callback_that_completes_the_next_task() {
    fn chain(length: usize, ends: Rc<Cell<usize>>) {
        let next = ends.clone();
        let completer = task(move |result: Ended<Vec<usize>>| {
            next.set(next.get() + result.unwrap()[0]);
            if length > 1 {
                chain(length - 1, next);
            }
        });
        complete(completer, Ok(vec![length]));
    }

    on_context(|_| {
        let ends = Rc::new(Cell::new(0));
        chain(4, ends.clone());
        assert_eq!(ends.get(), 10);
    });
}

/// The last one who knows the context of the task, too.
#[test]
fn a_callback_that_drops_its_context() {
    on_context(|_| {
        let (count, captured) = counted();
        let context = Rc::new(RefCell::new(Some(MainContext::new())));
        let held = context.clone();
        let make = || {
            let held = held.clone();
            let captured = Counted::of(&count);
            task(move |_: Ended<()>| {
                let _captured = captured;
                drop(held.take());
            })
        };
        let of_context = context.borrow().clone().unwrap();
        of_context
            .with_thread_default(|| {
                make().complete_in_idle(Ok(()));
                drop(task(|_: Ended<()>| unreachable!("it is dropped")));
                complete(make(), Ok(()));
            })
            .unwrap();
        drop(of_context);
        assert_eq!(count.get(), 2);
        drop(captured);
    });
}

/// Handed to a thread by who alone knows it, and cancelled by nobody: its delivery is alone.
#[test]
fn a_worker_of_a_task_that_is_alone() {
    on_context(|context| {
        let called = Count::default();
        for number in 0..3 {
            let guard = called.guard();
            let completer = task(move |result: Ended<String>| {
                assert_eq!(result.unwrap(), number.to_string());
                drop(guard);
            });
            run_in_thread(completer, move |_| number.to_string());
        }
        iterate_until(context, || called.get() == 3);
    });
}

/// Its context lives, though somebody has destroyed its sources: what is sent comes back, and
/// nobody but the state knows that the task was cancelled.
#[test]
fn a_task_that_was_cancelled_and_could_not_be_sent() {
    on_context(|context| {
        for has_handle in [true, false] {
            let (count, captured) = counted();
            let completer = task(move |result: Ended<()>| {
                let _captured = captured;
                assert!(matches!(result, Err(Error::Cancelled)), "{result:?}");
            });
            let handle = completer.node().clone();
            let of_others = context.clone();
            let others = thread::spawn(move || of_others.destroy_sources());
            others.join().unwrap();
            cancel(&handle);
            let _handle = has_handle.then_some(handle);
            complete(completer, Ok(()));
            assert_eq!(count.get(), 1);
        }
    });
}
