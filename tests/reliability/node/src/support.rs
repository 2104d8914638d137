//! What a task's handles do, as short as can be.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use glib::{MainContext, Priority};

use crate::{
    Error,
    base::state::{Interrupt, Traits},
    node::{
        callback::{Bare, Callback},
        completer::{Completer, Parts, WorkerFunction},
        context_ref::ContextRef,
        events::Busy,
        extra::Extra,
        item::Timed,
        levels,
        node::{Group, Level, NodeRef},
        registry,
        runner::{self, POOL},
    },
};

pub(crate) type Ended<T> = Result<T, Error<()>>;

pub(crate) fn parts(level: Arc<Level>, extra: Option<Extra>) -> Parts {
    Parts {
        level,
        group: None,
        place: std::panic::Location::caller(),
        extra: extra.map(Box::new),
        traits: Traits::default(),
    }
}

/// The level of this thread's default context.
pub(crate) fn level() -> Arc<Level> {
    registry::level(ContextRef::current().get(), Priority::DEFAULT_IDLE)
}

/// A task of this thread and its default context.
pub(crate) fn task<T: 'static>(callback: impl FnOnce(Ended<T>) + 'static) -> Completer<T, ()> {
    task_of(Bare(callback))
}

pub(crate) fn task_of<T: 'static>(callback: impl Callback<T, ()> + 'static) -> Completer<T, ()> {
    registry::keep(Completer::at_home(parts(level(), None), callback))
}

/// A task that is in `group`.
pub(crate) fn member<T: 'static>(
    group: &Arc<Group>,
    callback: impl FnOnce(Ended<T>) + 'static,
) -> Completer<T, ()> {
    let mut parts = parts(level(), None);
    parts.group = Some(group.clone());
    let completer = registry::keep(Completer::at_home(parts, Bare(callback)));
    group.join(completer.node(), &completer.node().key);
    completer
}

pub(crate) fn named_task<T: 'static>(
    name: &str,
    callback: impl FnOnce(Ended<T>) + 'static,
) -> Completer<T, ()> {
    let mut extra = Extra::default();
    extra.name = Some(name.into());
    registry::keep(Completer::at_home(
        parts(level(), Some(extra)),
        Bare(callback),
    ))
}

/// A task with a timeout that has passed.
pub(crate) fn late_task(callback: impl FnOnce(Ended<()>) + 'static) -> Completer<(), ()> {
    let context = ContextRef::current();
    let mut extra = Extra::default();
    extra.deadline = Some(Instant::now());
    let made = Completer::at_home(parts(level(), Some(extra)), Bare(callback));
    let completer = registry::keep(made);
    let node = completer.node();
    let deadline = node.deadline().expect("it has one");
    let queue = &node.level.queue;
    let timed = Timed::Task(node.clone());
    let timer = queue.add_timer(deadline, timed, || context.get().is_owner());
    node.with_attached(|attached| {
        attached.timer = Some(timer);
        attached.cancellable = Some(gio::Cancellable::new());
    });
    completer
}

/// A task of `context`, on any thread.
pub(crate) fn task_on<T: Send + 'static>(
    context: &MainContext,
    callback: impl FnOnce(Ended<T>) + Send + 'static,
) -> Completer<T, ()> {
    task_at(
        levels::level_of_any(context, Priority::DEFAULT_IDLE),
        callback,
    )
}

pub(crate) fn task_at<T: Send + 'static>(
    level: Arc<Level>,
    callback: impl FnOnce(Ended<T>) + Send + 'static,
) -> Completer<T, ()> {
    registry::keep(Completer::anywhere(parts(level, None), Bare(callback)))
}

/// Completes a task where its callback runs.
pub(crate) fn complete<T: 'static>(completer: Completer<T, ()>, result: Ended<T>) {
    completer.complete_here(&ContextRef::current(), result);
}

/// How many functions of workers have not come to their end.
static FUNCTIONS: AtomicUsize = AtomicUsize::new(0);

/// The function of a worker: as large as `F` is.
pub(crate) struct Function<F>(F, Counted);

struct Counted;

impl<F> Function<F> {
    pub(crate) fn new(function: F) -> Self {
        FUNCTIONS.fetch_add(1, Ordering::Relaxed);
        Self(function, Counted)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        FUNCTIONS.fetch_sub(1, Ordering::Release);
    }
}

impl<T: Send + 'static, F: FnOnce(&NodeRef) -> T + Send + 'static> WorkerFunction<T, ()>
    for Function<F>
{
    fn run(self, completer: Completer<T, ()>, _: Option<Box<dyn Busy>>) {
        let Self(function, _counted) = self;
        let (completer, value) = completer.lend(|node| {
            let value = function(&node);
            (node, value)
        });
        completer.complete_in_idle(Ok(value));
    }

    fn refuse(self, completer: Completer<T, ()>, error: io::Error) {
        completer.complete_in_idle(Err(Error::Spawn(error)));
    }
}

/// Hands the task to a thread of the pool.
pub(crate) fn run_in_thread<T: Send + 'static>(
    completer: Completer<T, ()>,
    worker: impl FnOnce(&NodeRef) -> T + Send + 'static,
) {
    let (node, is_waiting) = completer.submit_worker(Function::new(worker));
    if is_waiting {
        runner::start(node);
    }
}

pub(crate) fn cancel(node: &NodeRef) {
    node.interrupt(Interrupt::Cancelled);
}

/// Waits for the worker, and calls the callback here.
pub(crate) fn wait(node: &NodeRef) {
    node.wait_for_worker(&|| false);
    node.deliver_here(None);
}

/// How long a worker may take, in an interpreter on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until the pool has done all, and its threads are gone: Miri takes one that is left
/// as the process ends for an error.
pub(crate) fn join() {
    POOL.0.set_max_idle_time(Duration::ZERO);
    let start = Instant::now();
    while FUNCTIONS.load(Ordering::Acquire) > 0 {
        assert!(start.elapsed() < PATIENCE, "a function was not dropped");
        thread::yield_now();
    }
    // Nobody tells that a thread is gone. It has no more to do than to find no job.
    for _ in 0..1000 {
        thread::yield_now();
    }
    thread::sleep(Duration::from_millis(10));
}

/// Runs `test` in a thread of its own, whose storage goes with it, with a context that does.
pub(crate) fn on_context<R: Send + 'static>(
    test: impl FnOnce(&MainContext) -> R + Send + 'static,
) -> R {
    let thread = thread::spawn(|| {
        let context = MainContext::new();
        context.with_thread_default(|| test(&context)).unwrap()
    });
    let result = thread.join();
    join();
    result.unwrap()
}

/// Iterates `context` until `is_done`.
pub(crate) fn iterate_until(context: &MainContext, is_done: impl Fn() -> bool) {
    while !is_done() {
        if !context.iterate() {
            thread::yield_now();
        }
    }
}

/// A counter of any threads.
#[derive(Clone, Default)]
pub(crate) struct Count(Arc<AtomicUsize>);

impl Count {
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn guard(&self) -> Guard {
        Guard(self.clone(), Box::new(1))
    }
}

/// Counts one as it is dropped.
pub(crate) struct Guard(Count, Box<usize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_add(*self.1, Ordering::Relaxed);
    }
}
