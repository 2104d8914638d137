//! The function of a worker in the slot of the result: each kind that there is, in each way
//! in which it ends.

use std::{io, mem, sync::mpsc, thread};

use crate::{
    Error, MainContext,
    node::{completer::Completer, node::NodeRef},
    support::{Count, Ended, Function, Guard, cancel, iterate_until, on_context, task},
};

/// What a worker returns: larger than some functions, and smaller than others.
struct Value([u64; 24], Guard);

impl Value {
    fn new(guard: Guard) -> Self {
        Self([7; 24], guard)
    }

    fn check(&self) {
        assert_eq!(self.0, [7; 24]);
    }
}

/// What a function has captured.
trait Captured: Send + 'static {
    fn new(guard: Guard) -> Self;
    fn check(&self);
}

struct Small(Guard);

impl Captured for Small {
    fn new(guard: Guard) -> Self {
        Self(guard)
    }

    fn check(&self) {}
}

struct Large([u8; 301], Guard);

impl Captured for Large {
    fn new(guard: Guard) -> Self {
        Self([3; 301], guard)
    }

    fn check(&self) {
        assert_eq!(self.0, [3; 301]);
    }
}

/// It has room, but the place is not for it.
#[repr(align(64))]
struct Aligned(u8, Guard);

impl Captured for Aligned {
    fn new(guard: Guard) -> Self {
        Self(9, guard)
    }

    fn check(&self) {
        assert_eq!(self.0, 9);
        assert_eq!((&raw const *self).addr() % 64, 0);
    }
}

const _: () = {
    // With the value that it returns.
    assert!(mem::size_of::<(Small, Guard)>() < mem::size_of::<Ended<Value>>());
    assert!(mem::size_of::<Large>() > mem::size_of::<Ended<Value>>());
    assert!(mem::size_of::<(Aligned, Guard)>() < mem::size_of::<Ended<Value>>());
    assert!(mem::align_of::<Aligned>() > mem::align_of::<Ended<Value>>());
};

/// What becomes of a task: it is played once for each kind of function, and for a task that
/// nobody else knows as for one that others do.
struct Play {
    context: MainContext,
    has_handle: bool,
    captured: Count,
    values: Count,
    called: Count,
}

impl Play {
    /// A task whose callback checks its result, and a handle, if it is to have one.
    fn task(
        &self,
        check: impl Fn(Ended<Value>) + 'static,
    ) -> (Completer<Value, ()>, Option<NodeRef>) {
        let called = self.called.guard();
        let completer = task(move |result: Ended<Value>| {
            drop(called);
            check(result);
        });
        let handle = self.has_handle.then(|| completer.node().clone());
        (completer, handle)
    }

    /// Puts a function into its slot. The task, and whether the function waits there.
    fn submit<C: Captured>(&self, completer: Completer<Value, ()>) -> (NodeRef, bool) {
        let (captured, value) = (C::new(self.captured.guard()), self.values.guard());
        completer.submit_worker(Function::new(move |_: &NodeRef| {
            captured.check();
            Value::new(value)
        }))
    }

    /// Checks that what was captured was dropped once, and so was the value.
    fn is_over(&self) {
        assert_eq!((self.captured.get(), self.values.get()), (1, 1));
        assert_eq!(self.called.get(), 1, "called, or dropped");
    }
}

type Submit = fn(&Play, Completer<Value, ()>) -> (NodeRef, bool);

fn play_each(play: fn(&Play, Submit)) {
    let submits: [Submit; 3] = [
        Play::submit::<Small>,
        Play::submit::<Large>,
        Play::submit::<Aligned>,
    ];
    on_context(move |context| {
        for (submit, has_handle) in submits.into_iter().flat_map(|it| [(it, false), (it, true)]) {
            let it = Play {
                context: context.clone(),
                has_handle,
                captured: Count::default(),
                values: Count::default(),
                called: Count::default(),
            };
            play(&it, submit);
            it.is_over();
        }
    });
}

#[test]
fn a_worker_that_runs() {
    play_each(|it, submit| {
        let (completer, _handle) = it.task(|result| result.unwrap().check());
        let (node, is_waiting) = submit(it, completer);
        assert!(is_waiting);
        thread::spawn(|| node.run_worker()).join().unwrap();
        iterate_until(&it.context, || it.called.get() == 1);
    });
}

#[test]
fn a_worker_that_is_refused() {
    play_each(|it, submit| {
        let (completer, _handle) = it.task(|result| {
            assert!(matches!(result, Err(Error::Spawn(_))));
        });
        let (node, _) = submit(it, completer);
        node.refuse_worker(io::ErrorKind::WouldBlock.into());
        iterate_until(&it.context, || it.called.get() == 1);
    });
}

fn expect_cancelled(result: Ended<Value>) {
    assert!(matches!(result, Err(Error::Cancelled)));
}

#[test]
fn a_worker_that_is_cancelled_as_it_waits() {
    play_each(|it, submit| {
        let (completer, _handle) = it.task(expect_cancelled);
        let (node, _) = submit(it, completer);
        let canceller = node.clone();
        thread::spawn(move || cancel(&canceller)).join().unwrap();
        assert_eq!(it.captured.get(), 1, "at once");
        // It has a thread now, or there is none.
        if it.has_handle {
            node.run_worker();
        } else {
            node.refuse_worker(io::ErrorKind::WouldBlock.into());
        }
        iterate_until(&it.context, || it.called.get() == 1);
    });
}

#[test]
fn a_worker_that_is_cancelled_as_it_starts() {
    play_each(|it, submit| {
        let (completer, _handle) = it.task(expect_cancelled);
        let (node, _) = submit(it, completer);
        let canceller = node.clone();
        let cancels = thread::spawn(move || cancel(&canceller));
        let works = thread::spawn(|| node.run_worker());
        cancels.join().unwrap();
        works.join().unwrap();
        iterate_until(&it.context, || it.called.get() == 1);
    });
}

#[test]
fn a_worker_of_a_task_that_was_cancelled_before() {
    play_each(|it, submit| {
        let (completer, _handle) = it.task(expect_cancelled);
        cancel(completer.node());
        let (_, is_waiting) = submit(it, completer);
        assert!(!is_waiting);
        iterate_until(&it.context, || it.called.get() == 1);
    });
}

/// What the callback would be called with as its context dies.
fn expect_nothing(_: Ended<Value>) {
    unreachable!("it is dropped");
}

/// Submits the worker of a task of `context`, which dies before that is delivered.
fn submit_on(context: &MainContext, it: &Play, submit: Submit) -> (NodeRef, Option<NodeRef>) {
    let submitted = context.with_thread_default(|| {
        let (completer, handle) = it.task(expect_nothing);
        (submit(it, completer).0, handle)
    });
    submitted.unwrap()
}

#[test]
fn a_worker_that_waits_as_its_context_dies() {
    play_each(|it, submit| {
        let context = MainContext::new();
        let (node, _handle) = submit_on(&context, it, submit);
        drop(context);
        it.is_over();
        node.run_worker();
    });
}

#[test]
fn a_worker_whose_context_dies_elsewhere() {
    play_each(|it, submit| {
        let context = MainContext::new();
        let (node, _handle) = submit_on(&context, it, submit);
        let works = thread::spawn(|| node.run_worker());
        thread::spawn(move || drop(context)).join().unwrap();
        works.join().unwrap();
        // As this library is next used on this thread.
        drop(task(|_: Ended<()>| {}));
    });
}

/// Hands a task to a thread as it is dropped. Says so if its worker is called.
struct Submits(Option<(Completer<(), ()>, Guard)>, mpsc::Sender<()>);

impl Drop for Submits {
    fn drop(&mut self) {
        let (completer, captured) = self.0.take().expect("it is dropped once");
        let runs = self.1.clone();
        let (node, is_waiting) = completer.submit_worker(Function::new(move |_: &NodeRef| {
            let _captured = captured;
            runs.send(()).unwrap();
        }));
        if is_waiting {
            node.run_worker();
        }
    }
}

/// A destructor hands a task to a thread whose callback was dropped just before.
#[test]
fn a_worker_of_a_task_that_was_withdrawn_before() {
    on_context(|_| {
        let captured = Count::default();
        let (runs, ran) = mpsc::channel();
        let context = MainContext::new();
        context
            .with_thread_default(|| {
                let first = task(|_: Ended<()>| unreachable!("it is dropped"));
                let submits = Submits(Some((first, captured.guard())), runs);
                drop(task(move |_: Ended<()>| drop(submits)));
            })
            .unwrap();
        drop(context);
        assert_eq!(captured.get(), 1, "it is dropped");
        assert!(ran.try_recv().is_err(), "it never runs");
    });
}
