//! Who waits for a task returns, whatever ends it, and the callback runs once.

use std::{
    sync::{Arc, atomic::AtomicUsize as Counter},
    task::{Wake, Waker},
};

use crate::{
    stage::Meeting,
    state::{Interrupt, Verdict},
    sync::{
        AtomicBool, Instant, LONG, Ordering,
        Preemptions::{Any, AtMost},
        explore, pass, spawn,
    },
    task::Task,
    wake_slot::WakeSlot,
};

/// `Running::wait` at home: it does not iterate the loop.
fn wait_at_home(task: &Task) {
    task.state.wait_for_worker(None, || false);
    task.deliver();
    task.take_back();
    assert!(task.state.is_finished());
}

/// `Running::wait` of a task whose callback another thread runs.
fn wait_elsewhere(task: &Task) {
    task.state.wait_for_worker(None, || false);
    task.state.wait_for_callback(None);
    assert!(task.state.is_finished());
}

/// The same, of one that was called: who has waited sees what it has done.
fn wait_for_call(task: &Task) {
    wait_elsewhere(task);
    task.done.take();
}

fn work(task: &Task) {
    task.work(|| ());
}

fn cancel(task: &Task) {
    task.interrupt(Interrupt::Cancelled);
}

fn time_out(task: &Task) {
    task.interrupt(Interrupt::TimedOut);
}

#[test]
fn a_worker_ends() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::with_worker());
        let worker = task.spawn(work);
        wait_at_home(&task);
        worker.join().unwrap();
        assert!(!task.is_anything_sent(), "who waits has taken it back");
        assert_eq!(task.end([]), Some(Verdict::Completed));
    });
}

/// The callback was told before, by a loop. The worker drops its result, and sends nothing.
#[test]
fn a_worker_whose_task_was_cancelled() {
    explore(Any, || {
        let task = Arc::new(Task::with_worker());
        assert!(task.start());
        task.interrupt(Interrupt::Cancelled);
        task.deliver();
        let worker = task.spawn(|task| task.complete(true));
        wait_at_home(&task);
        assert!(task.end([worker]).is_some());
    });
}

/// The wait is over when the worker is or will never run, and not sooner.
#[test]
fn a_worker_and_a_cancellation() {
    explore(AtMost(2), || {
        let task = Arc::new(Task::with_worker());
        let (busy, is_busy) = flag();
        let worker = task.spawn(move |task| {
            task.work(|| busy.store(true, Ordering::Relaxed));
        });
        let canceller = task.spawn(cancel);
        task.state.wait_for_worker(None, || false);
        let ran = is_busy.load(Ordering::Relaxed);
        task.deliver();
        assert!(task.end([worker, canceller]).is_some());
        assert_eq!(is_busy.load(Ordering::Relaxed), ran, "it runs no more");
    });
}

#[test]
fn a_worker_a_cancellation_and_a_timeout() {
    explore(AtMost(1), || {
        let task = Arc::new(Task::with_worker());
        let threads = [task.spawn(work), task.spawn(cancel), task.spawn(time_out)];
        wait_at_home(&task);
        for thread in threads {
            thread.join().unwrap();
        }
        assert!(!task.is_anything_sent(), "who waits has taken it back");
        assert!(task.end([]).is_some());
    });
}

/// The deadline ends a wait for a worker that there is no thread for.
#[test]
fn a_deadline() {
    explore(Any, || {
        let task = Arc::new(Task::with_worker());
        let deadline = Instant::now().checked_add(LONG);
        let clock = spawn(|| pass(LONG));
        task.state.wait_for_worker(deadline, || false);
        assert!(deadline.is_some_and(|deadline| Instant::now() >= deadline));
        task.interrupt(Interrupt::TimedOut);
        wait_at_home(&task);
        assert!(!task.start(), "too late");
        let verdict = task.end([clock]);
        assert_eq!(verdict, Some(Verdict::Interrupted(Interrupt::TimedOut)));
    });
}

#[test]
fn a_worker_and_a_deadline() {
    explore(AtMost(2), || {
        let task = Arc::new(Task::with_worker());
        let deadline = Instant::now().checked_add(LONG);
        let clock = spawn(|| pass(LONG));
        let worker = task.spawn(work);
        task.state.wait_for_worker(deadline, || false);
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            task.interrupt(Interrupt::TimedOut);
        }
        wait_at_home(&task);
        assert!(task.end([clock, worker]).is_some());
    });
}

/// The callback is for another thread, whose loop runs it.
#[test]
fn a_worker_and_a_loop_elsewhere() {
    explore(AtMost(2), || {
        let task = Arc::new(Task::with_worker());
        let threads = [task.spawn(work), task.spawn(Task::iterate)];
        wait_for_call(&task);
        assert_eq!(task.end(threads), Some(Verdict::Completed));
    });
}

#[test]
fn a_worker_a_cancellation_and_a_loop_elsewhere() {
    explore(AtMost(1), || {
        let task = Arc::new(Task::with_worker());
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(Task::iterate),
        ];
        wait_for_call(&task);
        assert!(task.end(threads).is_some());
    });
}

/// The callback may run on either of two threads; it does on one.
#[test]
fn two_threads_that_deliver() {
    explore(AtMost(1), || {
        let task = Arc::new(Task::with_worker());
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(|task| {
                task.state.wait_for_worker(None, || false);
                task.deliver();
            }),
        ];
        task.state.wait_for_worker(None, || false);
        task.deliver();
        task.state.wait_for_callback(None);
        assert!(task.end(threads).is_some());
    });
}

/// The context dies: its callback is dropped, and what is left for it.
#[test]
fn a_worker_and_a_context_that_dies() {
    explore(AtMost(2), || {
        let task = Arc::new(Task::with_worker());
        let threads = [task.spawn(work), task.spawn(Task::close)];
        wait_elsewhere(&task);
        assert_eq!(task.end(threads), None);
    });
}

/// Nobody waits for a worker whose callback is gone.
#[test]
fn a_busy_worker_and_a_context_that_dies() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::with_worker());
        let released = Arc::new(Meeting::new(1));
        let release = released.clone();
        let threads = [
            task.spawn(move |task| task.work(|| released.wait())),
            task.spawn(Task::close),
        ];
        wait_elsewhere(&task);
        release.join();
        assert_eq!(task.end(threads), None);
    });
}

#[test]
fn a_worker_a_cancellation_and_a_context_that_dies() {
    explore(AtMost(1), || {
        let task = Arc::new(Task::with_worker());
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(Task::close),
        ];
        wait_elsewhere(&task);
        assert_eq!(task.end(threads), None);
    });
}

/// Several wait at one place, for one task and for another: each wakes for all.
#[test]
fn two_tasks_and_three_that_wait() {
    explore(AtMost(2), || {
        let [task, other] = [(); 2].map(|()| Arc::new(Task::new()));
        let waiters = [
            task.spawn(|task| {
                task.state.wait_for_worker(None, || false);
            }),
            other.spawn(|task| {
                task.state.wait_for_worker(None, || false);
            }),
        ];
        let completer = {
            let other = other.clone();
            task.spawn(move |task| {
                task.complete(true);
                other.complete(false);
            })
        };
        task.state.wait_for_worker(None, || false);
        let [first, second] = waiters;
        assert!(task.end([first, second, completer]).is_some());
        assert!(other.end([]).is_some());
    });
}

/// One wait ends by its time; the next one is woken, as the task is still waited for.
#[test]
fn a_wait_after_one_that_took_too_long() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::with_worker());
        let now = Instant::now();
        let worker = task.spawn(work);
        task.state.wait_for_worker(Some(now), || false);
        wait_at_home(&task);
        assert_eq!(task.end([worker]), Some(Verdict::Completed));
    });
}

/// A worker's cancellable, which is made while others may end the task.
struct Cancellable {
    is_made: AtomicBool,
    is_cancelled: AtomicBool,
}

impl Cancellable {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            is_made: AtomicBool::new(false),
            is_cancelled: AtomicBool::new(false),
        })
    }

    /// Makes it, as the worker does who asks for it.
    fn make(&self, task: &Task) {
        self.is_made.store(true, Ordering::Release);
        if task.state.was_interrupted() {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Cancels it, if it was made: the task has been ended by this thread.
    fn stop_worker(&self) {
        if self.is_made.load(Ordering::Acquire) {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// Who ends the task as its worker's cancellable is made: whoever of the two comes second
/// cancels it.
fn explore_a_cancellable(end: fn(&Task)) {
    explore(Any, move || {
        let task = Arc::new(Task::with_worker());
        assert!(task.start());
        let cancellable = Cancellable::new();
        let other = cancellable.clone();
        let ends = task.spawn(move |task| {
            end(task);
            other.stop_worker();
        });
        cancellable.make(&task);
        ends.join().unwrap();
        task.complete(true);
        task.end([]);
        assert!(cancellable.is_cancelled.load(Ordering::Relaxed));
    });
}

#[test]
fn a_cancellable_and_a_cancellation() {
    explore_a_cancellable(cancel);
}

#[test]
fn a_cancellable_and_a_context_that_dies() {
    explore_a_cancellable(Task::close);
}

/// It was cancelled and delivered before; a second interrupt changes nothing.
#[test]
fn a_cancellable_and_a_cancellation_that_was_delivered() {
    explore_a_cancellable(|task| {
        cancel(task);
        task.deliver();
        task.interrupt(Interrupt::TimedOut);
    });
}

fn flag() -> (Arc<AtomicBool>, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    (flag.clone(), flag)
}

/// Counts how often it was woken, where loom sees nothing.
#[derive(Default)]
struct Woken(Counter);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Whoever polls for the worker's end is told that it has ended, or woken as it has.
fn poll_while(end: fn(&Task)) {
    let task = Arc::new(Task::with_worker());
    let ends = task.spawn(end);
    let woken = Arc::new(Woken::default());
    let slot = Arc::new(WakeSlot::new());
    let is_pending = task
        .state
        .poll_worker_end(&slot, &Waker::from(woken.clone()))
        .is_pending();
    ends.join().unwrap();
    let is_woken = woken.0.load(Ordering::SeqCst) > 0;
    assert!(is_woken || !is_pending);
    assert!(task.state.poll_worker_end(&slot, Waker::noop()).is_ready());
    task.deliver();
    task.end([]);
}

#[test]
fn a_worker_ends_that_is_polled_for() {
    explore(Any, || poll_while(work));
}

#[test]
fn a_task_is_cancelled_that_is_polled_for() {
    explore(Any, || poll_while(cancel));
}
