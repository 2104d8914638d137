//! A task is decided once: by its completer, or by what interrupts it.

use std::sync::Arc;

use crate::{
    state::{Interrupt, Verdict},
    sync::{
        Preemptions::{Any, AtMost},
        explore,
    },
    task::Task,
};

fn cancel(task: &Task) {
    task.interrupt(Interrupt::Cancelled);
}

fn time_out(task: &Task) {
    task.interrupt(Interrupt::TimedOut);
}

/// A completer, a cancellation and the loop, on threads of their own.
fn explore_a_completer_and_a_cancellation(success: bool, keeps_success: bool) {
    explore(Any, move || {
        let task = Arc::new(Task::that_keeps_success(keeps_success));
        let threads = [
            task.spawn(move |task| task.complete(success)),
            task.spawn(cancel),
        ];
        task.iterate();
        assert!(task.end(threads).is_some());
    });
}

#[test]
fn a_success_and_a_cancellation() {
    explore_a_completer_and_a_cancellation(true, false);
}

#[test]
fn a_success_and_a_cancellation_that_is_not_checked() {
    explore_a_completer_and_a_cancellation(true, true);
}

#[test]
fn a_failure_and_a_cancellation() {
    explore_a_completer_and_a_cancellation(false, false);
}

#[test]
fn a_success_a_cancellation_and_a_timeout() {
    explore(AtMost(2), || {
        let task = Arc::new(Task::new());
        let threads = [
            task.spawn(|task| task.complete(true)),
            task.spawn(cancel),
            task.spawn(time_out),
        ];
        task.iterate();
        assert!(task.end(threads).is_some());
    });
}

/// Cancelled for certain before it is completed: the result comes too late. Who has made
/// it drops it, and sends nothing.
#[test]
fn a_late_result() {
    explore(Any, || {
        let task = Arc::new(Task::new());
        cancel(&task);
        let completer = task.spawn(|task| {
            assert!(!task.leave(true), "nobody wants it");
        });
        task.iterate();
        let verdict = task.end([completer]);
        assert_eq!(verdict, Some(Verdict::Interrupted(Interrupt::Cancelled)));
    });
}

/// As before, but the callback is just being dropped with its context.
#[test]
fn a_result_and_a_context_that_dies() {
    explore(Any, || {
        let task = Arc::new(Task::new());
        let threads = [
            task.spawn(|task| task.complete(true)),
            task.spawn(Task::close),
        ];
        assert_eq!(task.end(threads), None);
    });
}

/// Completed for certain before it is cancelled, and perhaps delivered.
fn explore_a_late_cancellation(success: bool, keeps_success: bool, may_win: bool) {
    explore(Any, move || {
        let task = Arc::new(Task::that_keeps_success(keeps_success));
        task.complete(success);
        let canceller = task.spawn(cancel);
        task.iterate();
        let verdict = task.end([canceller]);
        assert!(
            may_win || verdict == Some(Verdict::Completed),
            "{verdict:?}"
        );
    });
}

#[test]
fn a_late_cancellation() {
    explore_a_late_cancellation(true, false, true);
}

#[test]
fn a_late_cancellation_that_is_not_checked() {
    explore_a_late_cancellation(true, true, false);
}

#[test]
fn a_late_cancellation_of_a_failure() {
    explore_a_late_cancellation(false, false, false);
}

/// Cancelled for certain after a success that was not delivered.
#[test]
fn a_success_that_gives_way() {
    explore(Any, || {
        let task = Arc::new(Task::new());
        task.complete(true);
        cancel(&task);
        let other = task.spawn(time_out);
        task.iterate();
        let verdict = task.end([other]);
        assert_eq!(verdict, Some(Verdict::Interrupted(Interrupt::Cancelled)));
    });
}

/// A worker that is told first, and whose task ends as it returns: with what has been told, if
/// that was in time, and once.
#[test]
fn a_worker_that_returns_first_and_two_interrupts() {
    explore(AtMost(2), || {
        let task = Arc::new(Task::that_returns_first());
        let threads = [
            task.spawn(|task| task.work(|| ())),
            task.spawn(cancel),
            task.spawn(time_out),
        ];
        task.iterate();
        assert!(task.end(threads).is_some());
    });
}

/// Either the worker is past the point of no return, or it is told of the cancellation.
#[test]
fn a_worker_that_commits_and_a_cancellation() {
    explore(Any, || {
        let task = Arc::new(Task::with_worker());
        assert!(task.start());
        let cancels = task.spawn(cancel);
        let is_committed = task.state.commit();
        task.complete(true);
        let expected = if is_committed {
            Verdict::Completed
        } else {
            Verdict::Interrupted(Interrupt::Cancelled)
        };
        task.iterate();
        assert_eq!(task.end([cancels]), Some(expected));
    });
}
