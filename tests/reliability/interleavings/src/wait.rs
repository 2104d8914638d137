//! Who waits for a task returns, whatever ends it, and the callback runs once.

use std::sync::Arc;

use crate::{
    stage::Meeting,
    state::{Interrupt, Verdict},
    sync::{
        AtomicBool, Instant, LONG, Ordering,
        Preemptions::{Any, AtMost},
        explore, pass, spawn,
    },
    task::Task,
};

/// `Running::wait` at home: it does not iterate the loop.
fn wait_at_home(task: &Task) {
    task.settlement.wait_for_worker(None);
    task.deliver();
    task.take_back();
    assert!(task.settlement.is_finished());
}

/// `Running::wait` of a task whose callback another thread runs.
fn wait_elsewhere(task: &Task) {
    task.settlement.wait_for_worker(None);
    task.settlement.wait_for_callback(None);
    assert!(task.settlement.is_finished());
}

fn work(task: &Task) {
    task.work(|| ());
}

fn cancel(task: &Task) {
    task.interrupt(Interrupt::Cancelled);
}

#[test]
fn a_worker_ends() {
    explore(Any, || {
        let task = Arc::new(Task::new(true));
        let worker = task.spawn(work);
        wait_at_home(&task);
        worker.join().unwrap();
        assert!(!task.is_anything_sent(), "who waits has taken it back");
        assert_eq!(task.end([]), Some(Verdict::Completed));
    });
}

/// The callback was told before, by a loop. What the worker still sends is not
/// taken back: it has to be dropped at home.
#[test]
fn a_worker_whose_task_was_cancelled() {
    explore(Any, || {
        let task = Arc::new(Task::new(true));
        assert!(task.settlement.start_worker());
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
    explore(Any, || {
        let task = Arc::new(Task::new(true));
        let (busy, is_busy) = flag();
        let worker = task.spawn(move |task| {
            task.work(|| busy.store(true, Ordering::Relaxed));
        });
        let canceller = task.spawn(cancel);
        task.settlement.wait_for_worker(None);
        let ran = is_busy.load(Ordering::Relaxed);
        task.deliver();
        assert!(task.end([worker, canceller]).is_some());
        assert_eq!(is_busy.load(Ordering::Relaxed), ran, "it runs no more");
    });
}

#[test]
fn a_worker_a_cancellation_and_a_timeout() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::new(true));
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(|task| task.interrupt(Interrupt::TimedOut)),
        ];
        wait_at_home(&task);
        assert!(task.end(threads).is_some());
    });
}

/// The deadline ends a wait for a worker that there is no thread for.
#[test]
fn a_deadline() {
    explore(Any, || {
        let task = Arc::new(Task::new(true));
        let deadline = Instant::now().checked_add(LONG);
        let clock = spawn(|| pass(LONG));
        task.settlement.wait_for_worker(deadline);
        assert!(deadline.is_some_and(|deadline| Instant::now() >= deadline));
        task.interrupt(Interrupt::TimedOut);
        wait_at_home(&task);
        assert!(!task.settlement.start_worker(), "too late");
        let verdict = task.end([clock]);
        assert_eq!(verdict, Some(Verdict::Interrupted(Interrupt::TimedOut)));
    });
}

#[test]
fn a_worker_and_a_deadline() {
    explore(AtMost(4), || {
        let task = Arc::new(Task::new(true));
        let deadline = Instant::now().checked_add(LONG);
        let clock = spawn(|| pass(LONG));
        let worker = task.spawn(work);
        task.settlement.wait_for_worker(deadline);
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
    explore(AtMost(4), || {
        let task = Arc::new(Task::new(true));
        let threads = [task.spawn(work), task.spawn(Task::iterate)];
        wait_elsewhere(&task);
        assert_eq!(task.end(threads), Some(Verdict::Completed));
    });
}

#[test]
fn a_worker_a_cancellation_and_a_loop_elsewhere() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::new(true));
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(Task::iterate),
        ];
        wait_elsewhere(&task);
        assert!(task.end(threads).is_some());
    });
}

/// The callback may run on either of two threads; it does on one.
#[test]
fn two_threads_that_deliver() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::new(true));
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(|task| {
                task.settlement.wait_for_worker(None);
                task.deliver();
            }),
        ];
        task.settlement.wait_for_worker(None);
        task.deliver();
        task.settlement.wait_for_callback(None);
        assert!(task.end(threads).is_some());
    });
}

/// The context dies: its callback is dropped, and what is left for it.
#[test]
fn a_worker_and_a_context_that_dies() {
    explore(AtMost(4), || {
        let task = Arc::new(Task::new(true));
        let threads = [task.spawn(work), task.spawn(Task::close)];
        wait_elsewhere(&task);
        assert_eq!(task.end(threads), None);
    });
}

/// Nobody waits for a worker whose callback is gone.
#[test]
fn a_busy_worker_and_a_context_that_dies() {
    explore(AtMost(4), || {
        let task = Arc::new(Task::new(true));
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
    explore(AtMost(3), || {
        let task = Arc::new(Task::new(true));
        let threads = [
            task.spawn(work),
            task.spawn(cancel),
            task.spawn(Task::close),
        ];
        wait_elsewhere(&task);
        assert_eq!(task.end(threads), None);
    });
}

/// A worker's cancellable that is made as the task is cancelled: whoever of
/// the two comes second cancels it.
#[test]
fn a_cancellable_and_a_cancellation() {
    explore(Any, || {
        let task = Arc::new(Task::new(true));
        let (make, is_made) = flag();
        let (cancel, is_cancelled) = flag();
        let late = cancel.clone();
        let canceller = task.spawn(move |task| {
            task.interrupt(Interrupt::Cancelled);
            if is_made.load(Ordering::Acquire) {
                late.store(true, Ordering::Relaxed);
            }
        });
        make.store(true, Ordering::Release);
        if task.settlement.was_interrupted() {
            cancel.store(true, Ordering::Relaxed);
        }
        task.iterate();
        task.end([canceller]);
        assert!(is_cancelled.load(Ordering::Relaxed));
    });
}

fn flag() -> (Arc<AtomicBool>, Arc<AtomicBool>) {
    let flag = Arc::new(AtomicBool::new(false));
    (flag.clone(), flag)
}
