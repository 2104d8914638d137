//! The worker threads.
//!
//! One [`Pool`] of this process, and what its threads do. The panic of a worker
//! itself is caught where that is called, in [`worker`](crate::task::worker); what is caught
//! here are those of destructors.

mod body;
pub(crate) mod call;
mod lent;
mod name;
#[cfg(miri)]
#[path = "runner/neutral/of_miri.rs"]
mod neutral;
#[cfg(not(miri))]
mod neutral;
pub(crate) mod stack;
mod thread;
pub(crate) mod waits;

use std::{
    cell::Cell,
    io,
    num::NonZero,
    sync::{Arc, atomic::Ordering},
};

use glib::{Priority, translate::IntoGlib};

use crate::{
    base::{
        foreign,
        pool::{self, Next, Pool, StackSize, State},
        quietly::{drop_quietly, quietly},
        sync::{CachePadded, Condvar, Mutex, lock},
    },
    node::{
        events::{self, Event},
        limits,
        node::NodeRef,
        withdrawn::{Orphan, tell_of, warn_of},
    },
};
use body::Body;
use call::{Asked, Call};
use lent::Lent;
use name::NAME;
use neutral::Neutral;
use thread::Thread;

pub(crate) static POOL: CachePadded<Pool<Job>> = CachePadded(Pool {
    state: Mutex::new(State::EMPTY),
    woken: Condvar::new(),
    start_thread: |stack_size| {
        let begin = move || Serving::here(stack_size);
        let refused = |error| POOL.0.refuse(&error);
        Thread::new(NAME, stack_size, begin, refused).start();
    },
});

/// What a worker thread does.
pub(crate) enum Job {
    /// Calls the worker of this task.
    Work(NodeRef),
    /// Drops what the thread of some tasks has left, as it ended.
    Forget(Box<[Orphan]>),
    /// Drops a result that nobody wants any more.
    Drop(Box<dyn Send>),
    /// Ends a task whose worker has ended its thread.
    #[cfg(feature = "capi")]
    End(Box<dyn FnOnce() + Send>),
}

impl Job {
    /// How large a stack it is to have, if it is to have one of its own size.
    fn stack_size(&self) -> StackSize {
        match self {
            // ORDERING: whoever hands the task to a worker has set it, or was given it after.
            Self::Work(task) => NonZero::new(task.extra()?.stack_size.load(Ordering::Relaxed)),
            _ => None,
        }
    }
}

impl pool::Job for Job {
    fn run(self) {
        match self {
            Self::Work(task) => {
                // What these are told or have attached is foreign, besides the worker.
                if task.extra().is_some_and(|extra| extra.is_foreign)
                    || events::observer().is_some()
                {
                    foreign::untimed();
                }
                if task.has_sets() {
                    lent::begin(task.clone());
                }
                if let Some(ended) = task.run_worker() {
                    give_places_back(&ended);
                }
            }
            Self::Forget(orphans) => {
                foreign::untimed();
                tell_elsewhere(&orphans);
                drop(orphans);
            }
            Self::Drop(result) => {
                foreign::untimed();
                drop(result);
            }
            #[cfg(feature = "capi")]
            Self::End(end) => {
                foreign::untimed();
                end();
            }
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Work(task) => task.name(),
            _ => None,
        }
    }

    fn priority(&self) -> i32 {
        let priority = match self {
            Self::Work(task) => task.level.priority(),
            _ => Priority::DEFAULT_IDLE,
        };
        priority.into_glib()
    }

    fn refuse(self, error: io::Error) {
        // What it has captured is dropped.
        foreign::untimed();
        match self {
            Self::Work(task) => {
                if let Some(ended) = task.refuse_worker(error) {
                    give_places_back(&ended);
                }
            }
            Self::Forget(orphans) => tell_elsewhere(&orphans),
            Self::Drop(result) => drop_quietly(result),
            #[cfg(feature = "capi")]
            Self::End(end) => quietly(end),
        }
    }
}

thread_local! {
    /// The next job of this thread, if it takes jobs from the pool and has one of its own.
    static NEXT: Cell<Option<Job>> = const { Cell::new(None) };
    /// Whether there is one: to look at it costs more, as it has a destructor.
    static HAS_NEXT: Cell<bool> = const { Cell::new(false) };
    /// Whether it takes jobs from the pool.
    static SERVES: Cell<bool> = const { Cell::new(false) };
}

/// Has the worker of a task called in a thread, once its groups have a place for it.
pub(crate) fn start(task: NodeRef) {
    task.tell(Event::Waiting);
    if let Some(task) = limits::take(task) {
        start_now(task);
    }
}

/// The same for a task whose groups had no place, and have one now.
pub(crate) fn start_limited(task: NodeRef) {
    task.tell(Event::Waiting);
    start_now(task);
}

fn start_now(task: NodeRef) {
    let is_dedicated = task.has_dedicated_thread();
    let job = Job::Work(task);
    if is_dedicated {
        run_alone(job);
    } else {
        submit(job);
    }
}

/// The worker of a task has returned, or never will run: others may have its places. One that can
/// is the next that this thread calls.
pub(super) fn give_places_back(task: &NodeRef) {
    for next in limits::give_back(task) {
        if !SERVES.get() || next.has_dedicated_thread() {
            start_limited(next);
        } else if let Some(one_more) = NEXT.replace(Some(Job::Work(next))) {
            submit(one_more);
        } else {
            HAS_NEXT.set(true);
        }
    }
}

/// The worker that runs on this thread waits for another task, until what this returns is dropped.
fn lend_places() -> Option<Lent> {
    let task = lent::working()?;
    limits::give_back(&task).for_each(start_limited);
    Some(Lent)
}

/// Queues `job` for a thread.
pub(crate) fn submit(job: Job) {
    POOL.0.submit(job);
}

/// Runs `job` in a thread of its own; with none to be had, in one of the others, unless it is to
/// have a stack of its own size.
pub(crate) fn run_alone(job: Job) {
    use pool::Job as _;
    let name = job.name().unwrap_or(NAME).to_owned();
    let own_stack = job.stack_size();
    let stack_size = own_stack.or_else(|| POOL.0.stack_size());
    // Taken by the thread; or back, when there is none.
    let job = Arc::new(Mutex::new(Some(job)));
    let begin = {
        let job = job.clone();
        || Alone { job, asked: None }
    };
    let refused = move |error| {
        // Unlocked: those that are refused are foreign.
        let Some(job) = lock(&job).take() else {
            return;
        };
        if own_stack.is_some() {
            job.refuse(error);
        } else {
            submit(job);
        }
    };
    Thread::new(&name, stack_size, begin, refused).start();
}

/// Tells of tasks whose thread has ended, where that one could not: the registry says why.
fn tell_elsewhere(orphans: &[Orphan]) {
    if cfg!(windows) {
        tell_of(orphans);
        warn_of(orphans);
    }
}

/// Runs `job`, or has it ask for a call. What is foreign in it is caught where it is called; its
/// destructors are not.
fn run(job: Job) -> Option<Asked> {
    quietly(|| pool::Job::run(job));
    Asked::here()
}

/// A thread for one job.
struct Alone {
    job: Arc<Mutex<Option<Job>>>,
    /// What the job has asked for.
    asked: Option<Asked>,
}

impl Body for Alone {
    fn run(&mut self) -> Option<Call> {
        if let Some(asked) = self.asked.take() {
            quietly(|| asked.has_returned());
        } else {
            waits::begin_to_serve(|| Box::new(lend_places()));
            let job = lock(&self.job).take();
            self.asked = job.and_then(run);
        }
        if self.asked.is_none() {
            waits::end_waits();
            waits::end_to_serve();
        }
        self.asked.as_ref().map(Asked::call)
    }

    #[cfg(feature = "capi")]
    fn end_with_thread(&mut self, has_returned: bool) {
        waits::end_with_thread();
        if let Some(asked) = self.asked.take() {
            asked.ended_with_thread(has_returned);
        }
    }
}

/// A thread of the pool.
struct Serving {
    neutral: Neutral,
    stack_size: StackSize,
    is_new: bool,
    /// What its job has asked for.
    asked: Option<Asked>,
}

impl Serving {
    /// This thread, which is new.
    fn here(stack_size: StackSize) -> Self {
        thread::set_fresh(true);
        SERVES.set(true);
        // The thread counts as blocked until it has its places again.
        waits::begin_to_serve(|| Box::new((lend_places(), POOL.0.block())));
        Self {
            neutral: Neutral::here(NAME),
            stack_size,
            is_new: true,
            asked: None,
        }
    }
}

impl Body for Serving {
    fn run(&mut self) -> Option<Call> {
        let after_job = || {
            // Its destructors may have waited, too.
            waits::end_waits();
            let next = HAS_NEXT.replace(false).then(|| NEXT.take()).flatten();
            if self.neutral.restore() {
                return Next::Job(next);
            }
            next.into_iter().for_each(submit);
            Next::Retire
        };
        let run_job = |job: Job| {
            use pool::Job as _;
            thread::set_fresh(false);
            if let Some(name) = job.name() {
                name::set(name);
                // It is to have its own again.
                foreign::untimed();
            }
            run(job).map_or_else(after_job, Next::Leave)
        };
        if let Some(asked) = self.asked.take() {
            quietly(|| asked.has_returned());
            let Next::Job(next) = after_job() else {
                POOL.0.lose_thread();
                waits::end_to_serve();
                return None;
            };
            next.into_iter().for_each(submit);
        }
        self.asked = POOL.0.serve(&mut self.is_new, self.stack_size, run_job);
        if self.asked.is_none() {
            waits::end_to_serve();
        }
        self.asked.as_ref().map(Asked::call)
    }

    #[cfg(feature = "capi")]
    fn end_with_thread(&mut self, has_returned: bool) {
        waits::end_with_thread();
        POOL.0.lose_thread();
        if let Some(asked) = self.asked.take() {
            asked.ended_with_thread(has_returned);
        }
    }
}
