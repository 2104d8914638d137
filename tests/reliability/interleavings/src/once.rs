//! A task is settled once: by its completer, or by what interrupts it.

use std::sync::Arc;

use crate::{
    state::{Interrupt, Verdict},
    sync::{
        Preemptions::{Any, AtMost},
        explore,
    },
    task::Task,
};

/// A completer, a cancellation and the loop, on threads of their own.
fn explore_a_completer_and_a_cancellation(success: bool, check_cancellable: bool) {
    explore(Any, move || {
        let task = Arc::new(Task::new(check_cancellable));
        let threads = [
            task.spawn(move |task| task.complete(success)),
            task.spawn(|task| task.interrupt(Interrupt::Cancelled)),
        ];
        task.iterate();
        assert!(task.end(threads).is_some());
    });
}

#[test]
fn a_success_and_a_cancellation() {
    explore_a_completer_and_a_cancellation(true, true);
}

#[test]
fn a_success_and_a_cancellation_that_is_not_checked() {
    explore_a_completer_and_a_cancellation(true, false);
}

#[test]
fn a_failure_and_a_cancellation() {
    explore_a_completer_and_a_cancellation(false, true);
}

#[test]
fn a_success_a_cancellation_and_a_timeout() {
    explore(AtMost(3), || {
        let task = Arc::new(Task::new(true));
        let threads = [
            task.spawn(|task| task.complete(true)),
            task.spawn(|task| task.interrupt(Interrupt::Cancelled)),
            task.spawn(|task| task.interrupt(Interrupt::TimedOut)),
        ];
        task.iterate();
        assert!(task.end(threads).is_some());
    });
}

/// Cancelled for certain before it is completed: the result comes too late.
#[test]
fn a_late_result() {
    explore(Any, || {
        let task = Arc::new(Task::new(true));
        task.interrupt(Interrupt::Cancelled);
        let completer = task.spawn(|task| task.complete(true));
        task.iterate();
        let verdict = task.end([completer]);
        assert_eq!(verdict, Some(Verdict::Interrupted(Interrupt::Cancelled)));
    });
}

/// Completed for certain before it is cancelled, and perhaps delivered.
fn explore_a_late_cancellation(success: bool, check_cancellable: bool, may_win: bool) {
    explore(Any, move || {
        let task = Arc::new(Task::new(check_cancellable));
        task.complete(success);
        let canceller = task.spawn(|task| task.interrupt(Interrupt::Cancelled));
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
    explore_a_late_cancellation(true, true, true);
}

#[test]
fn a_late_cancellation_that_is_not_checked() {
    explore_a_late_cancellation(true, false, false);
}

#[test]
fn a_late_cancellation_of_a_failure() {
    explore_a_late_cancellation(false, true, false);
}
