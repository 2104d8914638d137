//! The worker threads.
//!
//! One queue, and threads that take from it in order. At most one thread is
//! being woken or started at any time: as soon as it has taken its job it
//! wakes or starts the next one, if jobs are left. So a burst of short jobs
//! costs few wake-ups, and a job that blocks delays none behind it.

use std::{
    cell::Cell,
    collections::VecDeque,
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use crate::lock;

/// How many threads there may be, unless [`set_max_threads`] says otherwise.
/// A thread that sleeps costs a stack of some pages; this many sleepers of
/// 100 ms are still started within that time.
const MAX_THREADS: usize = 512;

/// How long a thread stays without a job. Longer than the pauses of one
/// user's action, shorter than those between two.
const IDLE: Duration = Duration::from_secs(5);

/// Something for a worker thread to do.
pub(crate) trait Job: Send {
    /// Called on a worker thread.
    fn run(self: Box<Self>);
    /// What the thread is called meanwhile.
    fn name(&self) -> Option<&str>;
    /// Called instead, when there is no thread to be had.
    fn refuse(self: Box<Self>, error: io::Error);
}

struct Runner {
    queue: VecDeque<Box<dyn Job>>,
    max_threads: usize,
    /// Threads that exist, one that is being started included.
    threads: usize,
    /// Those of them whose jobs wait for other jobs. They do not count
    /// towards the maximum: else they might wait for ever.
    blocked: usize,
    /// Threads that wait for a job and have not been woken.
    idle: usize,
    /// Wake-ups that no thread has answered yet: none or one.
    waking: usize,
    /// A thread is being started, and has not taken its first job.
    starting: bool,
    /// A thread that has found the queue empty is about to look once more.
    lingering: bool,
}

impl Runner {
    /// Whether a thread is on its way to the queue, and will bring on the next.
    fn is_served(&self) -> bool {
        self.waking > 0 || self.starting || self.lingering
    }
}

static RUNNER: Mutex<Runner> = Mutex::new(Runner {
    queue: VecDeque::new(),
    max_threads: MAX_THREADS,
    threads: 0,
    blocked: 0,
    idle: 0,
    waking: 0,
    starting: false,
    lingering: false,
});

/// Signalled with `waking`.
static WOKEN: Condvar = Condvar::new();

type Guard = MutexGuard<'static, Runner>;

fn runner() -> Guard {
    lock(&RUNNER)
}

/// Sets how many worker threads there may be in this process: 512 unless
/// this is called. When as many are busy, tasks wait for one in order. One
/// whose worker waits for another task ([`Running::wait`](crate::Running::wait))
/// does not count.
///
/// Threads that are above a lowered maximum go as they finish.
pub fn set_max_threads(max: NonZero<usize>) {
    let mut runner = runner();
    runner.max_threads = max.get();
    next_thread(runner);
}

/// How many worker threads there may be in this process.
pub fn max_threads() -> NonZero<usize> {
    NonZero::new(runner().max_threads).unwrap_or(NonZero::<usize>::MIN)
}

/// Queues `job` for a thread.
pub(crate) fn submit(job: Box<dyn Job>) {
    let mut runner = runner();
    runner.queue.push_back(job);
    next_thread(runner);
}

/// Wakes or starts a thread for the first job of the queue, unless one is on
/// its way or there may be no more.
fn next_thread(mut runner: Guard) {
    if runner.queue.is_empty() || runner.is_served() {
        return;
    }
    if runner.idle > 0 {
        wake(runner);
    } else if runner.threads - runner.blocked < runner.max_threads {
        runner.threads += 1;
        runner.starting = true;
        drop(runner);
        let started = thread::Builder::new()
            .name("qio-worker".to_owned())
            .spawn(serve);
        if let Err(error) = started {
            refuse(&error);
        }
    }
}

fn wake(mut runner: Guard) {
    runner.idle -= 1;
    runner.waking += 1;
    drop(runner);
    WOKEN.notify_one();
}

/// The system has refused a thread. While others are alive, and don't wait for
/// these very jobs, they take them.
fn refuse(error: &io::Error) {
    let mut runner = runner();
    runner.threads -= 1;
    runner.starting = false;
    if runner.threads > runner.blocked {
        // One that went idle meanwhile was not woken: a thread was on its way.
        if runner.idle > 0 && !runner.is_served() && !runner.queue.is_empty() {
            wake(runner);
        }
        return;
    }
    let jobs = std::mem::take(&mut runner.queue);
    drop(runner);
    for job in jobs {
        let error = match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error.to_string()),
        };
        job.refuse(error);
    }
}

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Calls `wait`, which blocks this thread until another job is done.
pub(crate) fn blocking<R>(wait: impl FnOnce() -> R) -> R {
    struct Blocked;
    impl Drop for Blocked {
        fn drop(&mut self) {
            runner().blocked -= 1;
            IS_WORKER.set(true);
        }
    }

    // Counted once, also when what it calls waits in its turn.
    if !IS_WORKER.replace(false) {
        return wait();
    }
    let mut runner = runner();
    runner.blocked += 1;
    let _blocked = Blocked;
    next_thread(runner);
    wait()
}

/// What each thread does.
fn serve() {
    IS_WORKER.set(true);
    let mut is_first = true;
    while let Some(job) = next_job(std::mem::take(&mut is_first)) {
        let named = job.name().map(name_thread).is_some();
        // What is foreign in a job has been caught; its destructors have not.
        drop_quietly(catch_unwind(AssertUnwindSafe(|| job.run())));
        if named {
            name_thread("qio-worker");
        }
    }
}

/// The next job, or `None` when this thread is to retire.
fn next_job(is_first: bool) -> Option<Box<dyn Job>> {
    let mut runner = runner();
    if is_first {
        runner.starting = false;
    }
    let mut has_lingered = false;
    loop {
        if runner.threads - runner.blocked > runner.max_threads {
            runner.threads -= 1;
            next_thread(runner);
            return None;
        }
        if let Some(job) = runner.queue.pop_front() {
            next_thread(runner);
            return Some(job);
        }
        if !has_lingered && !runner.is_served() {
            has_lingered = true;
            runner = linger(runner);
            continue;
        }
        has_lingered = false;
        runner = sleep(runner)?;
    }
}

/// Lets others run for once before this thread sleeps: where they share a
/// processor, whoever makes tasks makes more of them, and none costs the two
/// calls of sleeping and waking.
fn linger(mut runner: Guard) -> Guard {
    runner.lingering = true;
    drop(runner);
    thread::yield_now();
    let mut runner = self::runner();
    runner.lingering = false;
    runner
}

/// Waits to be woken; or retires, when that takes long.
fn sleep(mut runner: Guard) -> Option<Guard> {
    runner.idle += 1;
    loop {
        let (guard, waited) = WOKEN
            .wait_timeout(runner, IDLE)
            .unwrap_or_else(PoisonError::into_inner);
        runner = guard;
        if runner.waking > 0 {
            // Whoever wakes first answers: idle threads are all alike.
            runner.waking -= 1;
            return Some(runner);
        }
        if waited.timed_out() && runner.queue.is_empty() {
            runner.idle -= 1;
            runner.threads -= 1;
            return None;
        }
    }
}

/// Drops what is not ours, which may panic as it goes.
pub(crate) fn drop_quietly(value: impl Sized) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        std::mem::forget(panic);
    }
}

/// Names this thread for the kernel, and so for debuggers and profilers.
fn name_thread(name: &str) {
    #[cfg(target_os = "linux")]
    {
        // The kernel keeps 15 bytes.
        let name: Vec<u8> = name.bytes().take(15).filter(|byte| *byte != 0).collect();
        if let Ok(name) = std::ffi::CString::new(name) {
            let _ = rustix::thread::set_name(&name);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = name;
}
