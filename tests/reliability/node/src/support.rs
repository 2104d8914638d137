//! What a task's handles do, as short as can be.

use std::{io, sync::Arc, time::Instant};

use glib::{MainContext, Priority};

use crate::{
    Error,
    base::state::Interrupt,
    node::{
        callback::Bare,
        due,
        extra::Extra,
        held::Held,
        node::{Completer, NodeRef, Parts, WorkerFunction},
        registry::Registry,
    },
    observe::Busy,
    runner,
};

pub(crate) type Ended<T> = Result<T, Error<()>>;

fn parts(level: Arc<due::Level>, extra: Option<Extra>) -> Parts<'static> {
    Parts {
        level,
        cancellable: None,
        extra: extra.map(Box::new),
        keeps_success: false,
    }
}

/// A task of this thread and its default context.
pub(crate) fn task<T: 'static>(callback: impl FnOnce(Ended<T>) + 'static) -> Completer<T, ()> {
    let held = Held::current();
    let level = Registry::with(|registry| registry.level(held.get(), Priority::DEFAULT_IDLE));
    let level = level.unwrap().unwrap();
    Completer::at_home(parts(level, None), Bare(callback))
}

/// A task with a timeout that has passed.
pub(crate) fn late_task(callback: impl FnOnce(Ended<()>) + 'static) -> Completer<(), ()> {
    let held = Held::current();
    let level = Registry::with(|registry| registry.level(held.get(), Priority::DEFAULT_IDLE));
    let level = level.unwrap().unwrap();
    let mut extra = Extra::default();
    extra.deadline = Some(Instant::now());
    let completer = Completer::at_home(parts(level, Some(extra)), Bare(callback));
    let node = completer.node();
    let deadline = node.deadline().unwrap();
    let timer = node
        .level
        .queue
        .add_timer(held.get(), deadline, node.clone());
    node.with_ties(|ties| {
        ties.timer = Some(timer);
        ties.cancellable = Some(gio::Cancellable::new());
    });
    completer
}

/// A task of `context`, on any thread.
pub(crate) fn task_on<T: Send + 'static>(
    context: &MainContext,
    callback: impl FnOnce(Ended<T>) + Send + 'static,
) -> Completer<T, ()> {
    task_at(
        due::level(context, Priority::DEFAULT_IDLE).unwrap(),
        callback,
    )
}

pub(crate) fn task_at<T: Send + 'static>(
    level: Arc<due::Level>,
    callback: impl FnOnce(Ended<T>) + Send + 'static,
) -> Completer<T, ()> {
    Completer::anywhere(parts(level, None), Bare(callback))
}

struct Worker<T, F>(Completer<T, ()>, F);

impl<T: Send + 'static, F: FnOnce(&NodeRef) -> T + Send> WorkerFunction for Worker<T, F> {
    fn run(self: Box<Self>, _: Option<Box<Busy>>) {
        let Self(completer, worker) = *self;
        let value = worker(completer.node());
        completer.complete_in_idle(Ok(value));
    }

    fn refuse(self: Box<Self>, error: io::Error) {
        self.0.complete_in_idle(Err(Error::Spawn(error)));
    }
}

/// Hands the task to a thread.
pub(crate) fn run_in_thread<T: Send + 'static>(
    completer: Completer<T, ()>,
    worker: impl FnOnce(&NodeRef) -> T + Send + 'static,
) -> NodeRef {
    let node = completer.node().clone();
    if completer.submit_worker(|completer| Box::new(Worker(completer, worker))) {
        runner::run_alone(runner::Job::Work(node.clone()));
    }
    node
}

pub(crate) fn cancel(node: &NodeRef) {
    node.interrupt(Interrupt::Cancelled);
}

/// Waits for the worker, and calls the callback here.
pub(crate) fn wait(node: &NodeRef) {
    node.wait_for_worker();
    node.deliver_here(None);
    node.take_back();
}

/// Runs `test` in a thread of its own, whose storage goes with it, with a context that does.
pub(crate) fn on_context<R: Send + 'static>(
    test: impl FnOnce(&MainContext) -> R + Send + 'static,
) -> R {
    let thread = std::thread::spawn(|| {
        let context = MainContext::new();
        context.with_thread_default(|| test(&context)).unwrap()
    });
    let result = thread.join().unwrap();
    runner::join();
    result
}

/// Iterates `context` until `is_done`.
pub(crate) fn iterate_until(context: &MainContext, is_done: impl Fn() -> bool) {
    while !is_done() {
        if !context.iterate() {
            std::thread::yield_now();
        }
    }
}
