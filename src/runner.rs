//! The worker threads.
//!
//! One queue, and threads that take from it in order. At most one thread is on
//! its way to it at any time: as soon as it has taken its job it wakes or
//! starts the next one, if jobs are left. So a burst of short jobs costs few
//! wake-ups, and a job that blocks delays none behind it. A thread that is new
//! brings on two, since starting one takes longer than many a job.

use std::{
    cell::Cell,
    collections::VecDeque,
    io,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use crate::{Apart, lock};

/// How many threads there may be, unless [`set_max_threads`] says otherwise.
/// A thread that sleeps costs a stack of some pages; this many sleepers of
/// 100 ms are still started within that time.
const MAX_THREADS: usize = 512;

/// How long a thread stays without a job, unless [`set_max_idle_time`] says
/// otherwise. Longer than the pauses of one user's action, shorter than those
/// between two.
const MAX_IDLE_TIME: Duration = Duration::from_secs(5);

/// What a worker thread is called that no named task runs in.
const NAME: &str = "qio-worker";

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
    max_idle_time: Duration,
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
    /// A thread that has found the queue empty is about to look once more.
    lingering: bool,
    /// How many times threads go to sleep without lingering.
    sleeps_at_once: u32,
}

impl Runner {
    /// How many threads are on their way to the queue, and will bring on more.
    fn on_their_way(&self) -> usize {
        self.waking + self.starting + usize::from(self.lingering)
    }
}

static RUNNER: Apart<Mutex<Runner>> = Apart(Mutex::new(Runner {
    queue: VecDeque::new(),
    max_threads: MAX_THREADS,
    max_idle_time: MAX_IDLE_TIME,
    threads: 0,
    blocked: 0,
    idle: 0,
    waking: 0,
    starting: 0,
    lingering: false,
    sleeps_at_once: 0,
}));

/// Signalled with `waking`.
static WOKEN: Condvar = Condvar::new();

type Guard = MutexGuard<'static, Runner>;

fn runner() -> Guard {
    lock(&RUNNER.0)
}

/// Sets how many worker threads there may be in this process.
///
/// It is 512 unless this is called: as many calls that block may be under way
/// at once, and a process that starts more has rather lost count of them. A
/// thread that sleeps costs some ten kilobytes. When as many are busy, tasks
/// wait for one in order.
///
/// A thread whose worker waits for another task
/// ([`Running::wait`](crate::Running::wait)) does not count, nor does one of
/// [`Builder::dedicated_thread`](crate::Builder::dedicated_thread). Threads
/// that are above a lowered maximum go as they finish, idle ones at once.
///
/// As `g_thread_pool_set_max_threads` does for a pool of GLib.
#[doc(alias = "g_thread_pool_set_max_threads")]
pub fn set_max_threads(max: NonZero<usize>) {
    let mut runner = runner();
    runner.max_threads = max.get();
    bring_on(runner, 1);
    // Those that sleep may be too many now.
    WOKEN.notify_all();
}

/// How many worker threads there may be in this process: 512 unless
/// [`set_max_threads`] was called.
#[doc(alias = "g_thread_pool_get_max_threads")]
pub fn max_threads() -> NonZero<usize> {
    NonZero::new(runner().max_threads).unwrap_or(NonZero::<usize>::MIN)
}

/// Sets how long a worker thread without a task stays.
///
/// It is five seconds unless this is called: longer than the pauses within one
/// user's action, so that no thread is started twice for it, and shorter than
/// those between two. A thread that stays sleeps, and costs no processor time.
/// With [`Duration::ZERO`] none stays, with [`Duration::MAX`] all do.
///
/// It holds at once, for threads that stay already too. GLib's own threads
/// have `g_thread_pool_set_max_idle_time`, in milliseconds, and 15 seconds.
#[doc(alias = "g_thread_pool_set_max_idle_time")]
pub fn set_max_idle_time(time: Duration) {
    runner().max_idle_time = time;
    // Those that wait look at the time again.
    WOKEN.notify_all();
}

/// How long a worker thread without a task stays: five seconds unless
/// [`set_max_idle_time`] was called.
#[doc(alias = "g_thread_pool_get_max_idle_time")]
pub fn max_idle_time() -> Duration {
    runner().max_idle_time
}

/// Queues `job` for a thread.
pub(crate) fn submit(job: Box<dyn Job>) {
    let mut runner = runner();
    runner.queue.push_back(job);
    bring_on(runner, 1);
}

/// Runs `job` in a thread of its own; with none to be had, in one of the others.
pub(crate) fn run_alone(job: Box<dyn Job>) {
    let name = job.name().unwrap_or(NAME).to_owned();
    // Taken by the thread; or back, when there is none.
    let job = Arc::new(Mutex::new(Some(job)));
    let started = {
        let job = job.clone();
        thread::Builder::new().name(name).spawn(move || {
            let job = lock(&job).take();
            quietly(|| job.map_or((), Job::run));
        })
    };
    if started.is_err()
        && let Some(job) = lock(&job).take()
    {
        submit(job);
    }
}

/// Wakes or starts a thread for the first jobs of the queue, unless `enough`
/// are on their way or there may be no more.
fn bring_on(runner: Guard, enough: usize) {
    if runner.on_their_way() >= enough.min(runner.queue.len()) {
        return;
    }
    if runner.idle > 0 {
        wake(runner);
    } else if runner.threads - runner.blocked < runner.max_threads {
        start(runner);
    }
}

fn wake(mut runner: Guard) {
    runner.idle -= 1;
    runner.waking += 1;
    drop(runner);
    WOKEN.notify_one();
}

fn start(mut runner: Guard) {
    runner.threads += 1;
    runner.starting += 1;
    drop(runner);
    let started = thread::Builder::new().name(NAME.to_owned()).spawn(serve);
    if let Err(error) = started {
        refuse(&error);
    }
}

/// The system has refused a thread. While others are alive, and don't wait for
/// these very jobs, they take them.
fn refuse(error: &io::Error) {
    let mut runner = runner();
    runner.threads -= 1;
    runner.starting -= 1;
    if runner.threads > runner.blocked {
        // One that went idle meanwhile was not woken: a thread was on its way.
        if runner.idle > 0 && runner.on_their_way() == 0 && !runner.queue.is_empty() {
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
    bring_on(runner, 1);
    wait()
}

/// What each thread does.
fn serve() {
    IS_WORKER.set(true);
    let mut is_first = true;
    while let Some(job) = next_job(std::mem::take(&mut is_first)) {
        let named = job.name().map(name_thread).is_some();
        // What is foreign in a job has been caught; its destructors have not.
        quietly(|| job.run());
        if named {
            name_thread(NAME);
        }
    }
}

/// The next job, or `None` when this thread is to retire.
fn next_job(is_first: bool) -> Option<Box<dyn Job>> {
    let mut runner = runner();
    if is_first {
        runner.starting -= 1;
    }
    let mut has_lingered = false;
    loop {
        if runner.threads - runner.blocked > runner.max_threads {
            runner.threads -= 1;
            bring_on(runner, 1);
            return None;
        }
        if let Some(job) = runner.queue.pop_front() {
            bring_on(runner, 1);
            if is_first {
                bring_on(self::runner(), 2);
            }
            return Some(job);
        }
        if !has_lingered && runner.on_their_way() == 0 {
            if runner.sleeps_at_once == 0 {
                has_lingered = true;
                runner = linger(runner);
                continue;
            }
            runner.sleeps_at_once -= 1;
        }
        has_lingered = false;
        runner = sleep(runner)?;
    }
}

/// Lets others run for once before this thread sleeps: where they share a
/// processor, whoever makes tasks makes more of them, and none costs the two
/// calls of sleeping and waking.
///
/// Where others compute, it is long until this thread runs again, and a job
/// that has come meanwhile waits for it: that must not happen often.
fn linger(mut runner: Guard) -> Guard {
    runner.lingering = true;
    drop(runner);
    let left = Instant::now();
    thread::yield_now();
    let was_long = left.elapsed() > LONG;
    let mut runner = self::runner();
    runner.lingering = false;
    if was_long && runner.queue.len() < MANY {
        runner.sleeps_at_once = SLEEPS_AT_ONCE;
    }
    runner
}

/// A yield that takes longer than this, and brings less than so many jobs, was
/// a mistake; then threads sleep at once for so many times.
const LONG: Duration = Duration::from_millis(1);
const MANY: usize = 16;
const SLEEPS_AT_ONCE: u32 = 1000;

/// Waits to be woken; or retires, when that takes long.
fn sleep(mut runner: Guard) -> Option<Guard> {
    let since = Instant::now();
    runner.idle += 1;
    loop {
        let left = runner.max_idle_time.saturating_sub(since.elapsed());
        let are_too_many = runner.threads - runner.blocked > runner.max_threads;
        if left.is_zero() || are_too_many {
            runner.idle -= 1;
            if runner.queue.is_empty() || are_too_many {
                runner.threads -= 1;
                return None;
            }
            return Some(runner);
        }
        runner = WOKEN
            .wait_timeout(runner, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        if runner.waking > 0 {
            // Whoever wakes first answers: idle threads are all alike.
            runner.waking -= 1;
            return Some(runner);
        }
    }
}

/// Drops what is not ours, which may panic as it goes.
pub(crate) fn drop_quietly(value: impl Sized) {
    quietly(|| drop(value));
}

/// Runs what is not ours where nobody is to hear of its panics.
pub(crate) fn quietly(f: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(f))
        // What it panicked with has a destructor, too.
        && let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(panic)))
    {
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
