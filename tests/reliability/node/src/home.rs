//! Tasks of one thread.

use std::{cell::Cell, rc::Rc};

use crate::{
    Error, MainContext,
    node::{callback::WithSource, completer::Completer},
    support::{
        Ended, cancel, complete, iterate_until, late_task, on_context, task, task_of, task_on,
    },
};

/// A counter, and what counts one as it is dropped.
pub(crate) fn counted() -> (Rc<Cell<usize>>, Counted) {
    let count = Rc::new(Cell::new(0));
    (count.clone(), Counted(count))
}

pub(crate) struct Counted(Rc<Cell<usize>>);

impl Counted {
    /// Another one that counts there.
    pub(crate) fn of(count: &Rc<Cell<usize>>) -> Self {
        Self(count.clone())
    }
}

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
        complete(completer, Ok(Rc::new(7)));
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
            complete(completer, Ok(value));
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
        complete(never, Ok(()));
        iterate_until(context, || count.get() == 1);
        complete(completer, Ok(()));
    });
}

#[test]
fn the_source_of_a_task() {
    on_context(|_| {
        let object = crate::Object::new();
        let callback = WithSource(object, |_: &crate::Object, _: Ended<()>| {});
        let completer: Completer<(), ()> = task_of(callback);
        let node = completer.node().clone();
        assert!(node.source().is_some());
        complete(completer, Ok(()));
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

pub(crate) struct Completes(pub(crate) Rc<Cell<Option<Completer<(), ()>>>>);

impl Drop for Completes {
    fn drop(&mut self) {
        if let Some(completer) = self.0.take() {
            complete(completer, Ok(()));
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
