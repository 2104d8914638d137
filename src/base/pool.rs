//! [`Pool`]: the queue of jobs and the threads that take from it, free of GLib
//! and of how a thread is started, which [`runner`](crate::node::runner) knows.
//!
//! At most one thread is on its way to the queue at any time: as soon as it
//! has taken its job it wakes or starts the next one, if jobs are left. So a
//! burst of short jobs costs few wake-ups, and a job that blocks delays none
//! behind it. A thread that is new brings on two, since starting one takes
//! longer than many a job.

use std::{io, mem, num::NonZero, time::Duration};

use super::{
    sync::{Condvar, Instant, Mutex, MutexGuard, PoisonError, lock, yield_now},
    waiting::Waiting,
};

/// How many threads there may be, unless [`Pool::set_max_threads`] says
/// otherwise. A thread that sleeps costs a stack of some pages; this many
/// sleepers of 100 ms are still started within that time.
const MAX_THREADS: NonZero<usize> = NonZero::new(512).unwrap();

/// How long a thread stays without a job, unless [`Pool::set_max_idle_time`]
/// says otherwise. Longer than the pauses of one user's action, shorter than
/// those between two.
const MAX_IDLE_TIME: Duration = Duration::from_secs(5);

/// How large the stack of a thread is, in bytes. `None` for what the platform gives.
pub(crate) type StackSize = Option<NonZero<usize>>;

/// Something for a worker thread to do.
pub(crate) trait Job: Send + Sized {
    /// Called on a worker thread.
    fn run(self);
    /// What the thread is called meanwhile.
    fn name(&self) -> Option<&str>;
    /// Where no thread is free, those of a lower number have one sooner.
    fn priority(&self) -> i32;
    /// Called instead, when there is no thread to be had.
    fn refuse(self, error: io::Error);
}

/// What a thread does after a job.
pub(crate) enum Next<J, L> {
    /// It takes another one: this one, unless a more urgent one waits.
    Job(Option<J>),
    /// It is not to have another one.
    Retire,
    /// The job is not over: it has left this.
    #[allow(dead_code, reason = "only workers of C do")]
    Leave(L),
}

/// See the module's documentation.
pub(crate) struct Pool<J> {
    pub(crate) state: Mutex<State<J>>,
    /// Signalled with `waking`.
    pub(crate) woken: Condvar,
    /// Has a thread started with such a stack, that calls [`Pool::serve`]; or, now or later,
    /// [`Pool::refuse`] called, when there is none to be had.
    pub(crate) start_thread: fn(StackSize),
}

/// The queue, and how many threads do what.
pub(crate) struct State<J> {
    queue: Waiting<J>,
    max_threads: NonZero<usize>,
    max_idle_time: Duration,
    stack_size: StackSize,
    /// Threads that exist, one that is being started included.
    threads: usize,
    /// Those of them whose jobs wait for other jobs. They do not count
    /// towards the maximum: else they might wait for ever.
    blocked: usize,
    /// Threads that wait for a job and have not been woken.
    idle: usize,
    /// Wake-ups that no thread has answered yet.
    waking: usize,
    /// Threads that are being started and have not taken their first job.
    starting: usize,
    /// Since the last one was, somebody has left a job to those that are on their way.
    is_relied_on: bool,
    /// A thread that has found the queue empty is about to look once more.
    lingering: bool,
    /// How many times threads go to sleep without lingering.
    sleeps_at_once: u32,
}

impl<J> State<J> {
    /// No job, and no thread.
    pub(crate) const EMPTY: Self = Self {
        queue: Waiting::EMPTY,
        max_threads: MAX_THREADS,
        max_idle_time: MAX_IDLE_TIME,
        stack_size: None,
        threads: 0,
        blocked: 0,
        idle: 0,
        waking: 0,
        starting: 0,
        is_relied_on: false,
        lingering: false,
        sleeps_at_once: 0,
    };

    /// How many threads are on their way to the queue, and will bring on more.
    fn on_their_way(&self) -> usize {
        self.waking + self.starting + usize::from(self.lingering)
    }

    /// Whether a thread that has found the queue empty looks once more.
    fn decide_to_linger(&mut self) -> bool {
        if self.on_their_way() > 0 {
            return false;
        }
        let lingers = self.sleeps_at_once == 0;
        self.sleeps_at_once = self.sleeps_at_once.saturating_sub(1);
        lingers
    }

    /// How many threads count towards the maximum.
    fn counted(&self) -> usize {
        self.threads - self.blocked
    }

    /// Whether a thread is to go that has no job: there are too many, or its stack
    /// is not what threads are to have.
    fn is_superfluous(&self, stack_size: StackSize) -> bool {
        self.counted() > self.max_threads.get() || self.stack_size != stack_size
    }
}

type Guard<'a, J> = MutexGuard<'a, State<J>>;

/// A thread of the pool whose job waits for other jobs; see [`Pool::block`].
pub(crate) struct Blocked<'a, J: Job>(&'a Pool<J>);

impl<J: Job> Drop for Blocked<'_, J> {
    fn drop(&mut self) {
        self.0.state().blocked -= 1;
    }
}

impl<J: Job> Pool<J> {
    fn state(&self) -> Guard<'_, J> {
        lock(&self.state)
    }

    pub(crate) fn set_max_threads(&self, max: NonZero<usize>) {
        let mut state = self.state();
        state.max_threads = max;
        self.bring_on(state, 1);
        // Those that sleep may be too many now.
        self.woken.notify_all();
    }

    pub(crate) fn max_threads(&self) -> NonZero<usize> {
        self.state().max_threads
    }

    pub(crate) fn set_max_idle_time(&self, time: Duration) {
        self.state().max_idle_time = time;
        // Those that wait look at the time again.
        self.woken.notify_all();
    }

    pub(crate) fn max_idle_time(&self) -> Duration {
        self.state().max_idle_time
    }

    pub(crate) fn set_stack_size(&self, size: StackSize) {
        self.state().stack_size = size;
        // Idle threads have stacks of the old size: woken, they retire.
        self.woken.notify_all();
    }

    pub(crate) fn stack_size(&self) -> StackSize {
        self.state().stack_size
    }

    /// Queues `job` for a thread.
    pub(crate) fn submit(&self, job: J) {
        let priority = job.priority();
        let mut state = self.state();
        state.queue.push(priority, job);
        self.bring_on(state, 1);
    }

    /// Wakes or starts a thread for the first jobs of the queue, unless
    /// `enough` are on their way or there may be no more.
    fn bring_on(&self, mut state: Guard<'_, J>, enough: usize) {
        if state.on_their_way() >= enough.min(state.queue.len()) {
            state.is_relied_on = true;
            return;
        }
        if state.idle > 0 {
            self.wake(state);
        } else if state.counted() < state.max_threads.get() {
            self.start(state);
        }
    }

    fn wake(&self, mut state: Guard<'_, J>) {
        state.idle -= 1;
        state.waking += 1;
        drop(state);
        self.woken.notify_one();
    }

    fn start(&self, mut state: Guard<'_, J>) {
        state.threads += 1;
        state.starting += 1;
        state.is_relied_on = false;
        let stack_size = state.stack_size;
        drop(state);
        (self.start_thread)(stack_size);
    }

    /// The system has refused a thread. If there is one that does not wait for other jobs, the
    /// queue is left to it; else nobody would ever take these jobs, and all are refused. Who has
    /// left a job to this thread since it was asked for has one asked for once more: it may be had
    /// by now.
    pub(crate) fn refuse(&self, error: &io::Error) {
        let mut state = self.state();
        state.threads -= 1;
        state.starting -= 1;
        if state.counted() > 0 {
            // One that went idle meanwhile was not woken: a thread was on its way.
            if state.on_their_way() > 0 || state.queue.is_empty() {
                return;
            }
            if state.idle > 0 {
                self.wake(state);
            } else if state.is_relied_on && state.counted() < state.max_threads.get() {
                self.start(state);
            }
            return;
        }
        let jobs = state.queue.take_all();
        drop(state);
        for job in jobs {
            let error = match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            };
            job.refuse(error);
        }
    }

    /// Notes that the job of this thread of the pool waits for other jobs,
    /// until what this returns is dropped.
    pub(crate) fn block(&self) -> Blocked<'_, J> {
        let mut state = self.state();
        state.blocked += 1;
        let blocked = Blocked(self);
        self.bring_on(state, 1);
        blocked
    }

    /// What each thread does, which was started with such a stack: it calls `run`
    /// with one job after the other, and goes on as that says.
    ///
    /// Returns what a job has left, which is not over: then the thread is to call this once
    /// more, or [`lose_thread`](Self::lose_thread). `is_new` is whether it calls this for the
    /// first time.
    pub(crate) fn serve<L>(
        &self,
        is_new: &mut bool,
        stack_size: StackSize,
        run: impl Fn(J) -> Next<J, L>,
    ) -> Option<L> {
        let mut own = None;
        while let Some(job) = self.next_job(own.take(), mem::take(is_new), stack_size) {
            match run(job) {
                Next::Job(next) => own = next,
                Next::Leave(left) => return Some(left),
                Next::Retire => {
                    self.lose_thread();
                    break;
                }
            }
        }
        None
    }

    /// This thread, which has a job, goes, and takes no other one.
    pub(crate) fn lose_thread(&self) {
        self.retire(self.state());
    }

    /// This thread goes, and leaves what waits to others.
    fn retire(&self, mut state: Guard<'_, J>) {
        state.threads -= 1;
        self.bring_on(state, 1);
    }

    /// The next job, or `None` when this thread is to retire. `own` is one that it has brought.
    fn next_job(&self, own: Option<J>, is_first: bool, stack_size: StackSize) -> Option<J> {
        let mut state = self.state();
        if let Some(job) = own {
            // Nobody is woken for it: this thread is there.
            state.queue.push(job.priority(), job);
        }
        if is_first {
            state.starting -= 1;
        }
        let mut has_lingered = false;
        loop {
            if state.is_superfluous(stack_size) {
                self.retire(state);
                return None;
            }
            if let Some(job) = state.queue.pop() {
                self.bring_on(state, 1);
                if is_first {
                    self.bring_on(self.state(), 2);
                }
                return Some(job);
            }
            if !has_lingered && state.decide_to_linger() {
                has_lingered = true;
                state = self.linger(state);
                continue;
            }
            has_lingered = false;
            state = self.sleep(state, stack_size)?;
        }
    }

    /// Lets others run for once before this thread sleeps: where they share a
    /// processor, whoever makes tasks makes more of them, and none costs the
    /// two calls of sleeping and waking.
    ///
    /// Where others compute, it is long until this thread runs again, and a job
    /// that has come meanwhile waits for it: that must not happen often.
    fn linger<'a>(&'a self, mut state: Guard<'a, J>) -> Guard<'a, J> {
        state.lingering = true;
        drop(state);
        let left = Instant::now();
        yield_now();
        let was_long = left.elapsed() > LONG;
        let mut state = self.state();
        state.lingering = false;
        if was_long && state.queue.len() < MANY {
            state.sleeps_at_once = SLEEPS_AT_ONCE;
        }
        state
    }

    /// Waits to be woken; or retires, when that takes long.
    fn sleep<'a>(&'a self, mut state: Guard<'a, J>, stack_size: StackSize) -> Option<Guard<'a, J>> {
        let since = Instant::now();
        state.idle += 1;
        loop {
            let left = state.max_idle_time.saturating_sub(since.elapsed());
            let is_superfluous = state.is_superfluous(stack_size);
            if left.is_zero() || is_superfluous {
                state.idle -= 1;
                if state.queue.is_empty() || is_superfluous {
                    state.threads -= 1;
                    return None;
                }
                return Some(state);
            }
            let waited = self.woken.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.waking > 0 {
                // Whoever wakes first answers: idle threads are all alike.
                state.waking -= 1;
                return Some(state);
            }
        }
    }
}

/// A yield that takes longer than this, and brings less than so many jobs, was
/// a mistake; then threads sleep at once for so many times.
const LONG: Duration = Duration::from_millis(1);
const MANY: usize = 16;
const SLEEPS_AT_ONCE: u32 = 1000;
