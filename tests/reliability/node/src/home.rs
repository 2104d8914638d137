//! Tasks of one thread.

use std::{cell::Cell, rc::Rc};

use crate::{
    Error, MainContext,
    node::{
        callback::{Callback, WithSource},
        node::{Completer, Parts},
    },
    runner,
    support::{Ended, cancel, iterate_until, late_task, on_context, task, task_on},
};

/// A counter, and what counts one as it is dropped.
fn counted() -> (Rc<Cell<usize>>, Counted) {
    let count = Rc::new(Cell::new(0));
    (count.clone(), Counted(count))
}

struct Counted(Rc<Cell<usize>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn complete_here_alone() {
    on_context(|_| {
        let (count, captured) = counted();
        let ended = Rc::new(Cell::new(None));
        let ends = ended.clone();
        let completer = task(move |result: Ended<Rc<u32>>| {
            let _captured = &captured;
            ends.set(result.ok());
        });
        completer.complete_here(None, Ok(Rc::new(7)));
        assert_eq!((ended.take().as_deref(), count.get()), (Some(&7), 1));
    });
}

#[test]
fn complete_here_with_a_handle() {
    on_context(|context| {
        for cancelled in [false, true] {
            let (count, value) = counted();
            let completer =
                task(move |result: Ended<Counted>| assert_eq!(result.is_err(), cancelled));
            let handle = completer.node().clone();
            if cancelled {
                cancel(&handle);
            }
            completer.complete_here(None, Ok(value));
            assert_eq!(count.get(), 1);
            cancel(&handle);
            while context.iterate() {}
        }
    });
}

#[test]
fn a_result_of_a_large_alignment() {
    #[repr(align(256))]
    struct Aligned([u8; 300]);

    on_context(|context| {
        let ended = Rc::new(Cell::new(0));
        let ends = ended.clone();
        let completer = task(move |result: Ended<Aligned>| ends.set(result.unwrap().0[299]));
        completer.complete_in_idle(Ok(Aligned([9; 300])));
        iterate_until(context, || ended.get() == 9);
    });
}

#[test]
fn complete_in_idle_then_cancel() {
    on_context(|context| {
        let (count, value) = counted();
        let ended = Rc::new(Cell::new(false));
        let ends = ended.clone();
        let completer = task(move |result: Ended<Counted>| {
            assert!(matches!(result, Err(Error::Cancelled)));
            ends.set(true);
        });
        let handle = completer.node().clone();
        completer.complete_in_idle(Ok(value));
        cancel(&handle);
        iterate_until(context, || ended.get());
        assert_eq!(count.get(), 1);
    });
}

#[test]
fn a_timeout_that_comes_and_one_that_does_not() {
    on_context(|context| {
        let (count, captured) = counted();
        let completer = late_task(move |result| {
            drop(captured);
            assert!(matches!(result, Err(Error::TimedOut)));
        });
        let never = late_task(|result| result.unwrap());
        never.complete_here(None, Ok(()));
        iterate_until(context, || count.get() == 1);
        completer.complete_here(None, Ok(()));
    });
}

#[test]
fn the_source_of_a_task() {
    on_context(|_| {
        let level = task(|_: Ended<()>| {}).node().level.clone();
        let object = crate::Object::new();
        let parts = Parts {
            level,
            cancellable: None,
            extra: None,
            keeps_success: false,
        };
        let callback = WithSource(object, |_: &crate::Object, _: Ended<()>| {});
        let completer: Completer<(), ()> = Completer::at_home(parts, callback);
        let node = completer.node().clone();
        assert!(node.source().is_some());
        completer.complete_here(None, Ok(()));
        assert!(node.source().is_none());
    });
}

#[test]
fn a_context_dies_with_tasks_of_each_kind() {
    let counts = on_context(|_| {
        let (count, captured) = counted();
        let context = MainContext::new();
        let make = || {
            let captured = Counted(captured.0.clone());
            task(move |_: Ended<Counted>| {
                let _captured = captured;
                unreachable!("it is dropped")
            })
        };
        context
            .with_thread_default(|| {
                make().complete_in_idle(Ok(Counted(count.clone())));
                let cancelled = make();
                cancel(cancelled.node());
                drop((cancelled, late_task(|_| unreachable!("it is dropped"))));
                let anywhere = task_on(&context, |_: Ended<()>| unreachable!("it is dropped"));
                anywhere.complete_in_idle(Ok(()));
            })
            .unwrap();
        drop(context);
        count.get()
    });
    assert_eq!(counts, 3);
}

struct Completes(Rc<Cell<Option<Completer<(), ()>>>>);

impl Drop for Completes {
    fn drop(&mut self) {
        if let Some(completer) = self.0.take() {
            completer.complete_here(None, Ok(()));
        }
    }
}

#[test]
fn a_destructor_completes_another_task_that_is_dropped() {
    on_context(|context| {
        let held = Rc::new(Cell::new(None));
        let completes = Completes(held.clone());
        let first = task(move |_: Ended<()>| drop(completes));
        let (count, captured) = counted();
        held.set(Some(task(move |_: Ended<()>| {
            let _captured = &captured;
            unreachable!("it is dropped")
        })));
        context.destroy_sources();
        assert!(held.take().is_none());
        assert_eq!(count.get(), 1);
        drop(first);
    });
}

/// Completes a task as its own is abandoned.
struct Abandons(Completes);

impl Callback<(), ()> for Abandons {
    fn call(self, _: Ended<()>) {}

    fn source(&self) -> Option<&crate::Object> {
        None
    }

    fn abandon(&self) {
        let other = self.0.0.take();
        other.unwrap().complete_here(None, Ok(()));
    }
}

#[test]
#[cfg_attr(miri, ignore = "what a thread leaves is leaked: -Zmiri-ignore-leaks")]
fn a_thread_ends_and_who_is_told_completes_another_task() {
    let context = MainContext::new();
    let leave = || {
        let held = Rc::new(Cell::new(None));
        let level = task(|_: Ended<()>| {}).node().level.clone();
        let parts = Parts {
            level,
            cancellable: None,
            extra: None,
            keeps_success: false,
        };
        let callback = Abandons(Completes(held.clone()));
        let waiting: Completer<(), ()> = Completer::at_home(parts, callback);
        held.set(Some(task(|_: Ended<()>| unreachable!("it is leaked"))));
        drop(waiting);
    };
    let of_thread = context.clone();
    let thread = std::thread::spawn(move || of_thread.with_thread_default(leave));
    thread.join().unwrap().unwrap();
    runner::join();
}
