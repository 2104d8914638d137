//! The places of a task, which no lock guards, are each one thread's at a time: that of the
//! result, and that of the worker's function.

use std::sync::Arc;

use crate::{
    state::Interrupt,
    sync::{
        Preemptions::{self, Any, AtMost},
        explore,
    },
    task::Task,
};

type Deed = fn(&Task);

fn cancel(task: &Task) {
    task.interrupt(Interrupt::Cancelled);
}

fn time_out(task: &Task) {
    task.interrupt(Interrupt::TimedOut);
}

fn succeed(task: &Task) {
    task.complete(true);
}

fn work(task: &Task) {
    task.work(|| ());
}

fn submit(task: &Task) {
    task.submit();
}

/// Does all `deeds` at the same time. At the end the context dies, if it has not.
fn explore_deeds<const N: usize>(preemptions: Preemptions, make: fn() -> Task, deeds: [Deed; N]) {
    explore(preemptions, move || {
        let task = Arc::new(make());
        for thread in deeds.map(|deed| task.spawn(deed)) {
            thread.join().unwrap();
        }
        task.deliver();
        task.close();
        task.end([]);
    });
}

/// Who delivers has heard of the result by the state alone: not from a queue, nor after a
/// wait.
#[test]
fn a_result_and_who_delivers_at_any_moment() {
    explore_deeds(Any, Task::new, [succeed, Task::deliver]);
}

#[test]
fn a_result_a_cancellation_and_who_delivers_at_any_moment() {
    explore_deeds(AtMost(4), Task::new, [succeed, cancel, Task::deliver]);
}

/// A callback for any thread may be delivered by several.
#[test]
fn a_result_and_two_that_deliver_at_any_moment() {
    explore_deeds(
        AtMost(4),
        Task::new,
        [succeed, Task::deliver, Task::deliver],
    );
}

/// The context is dead for who sends, and home is just about to hear of it: one of the two
/// drops the result.
#[test]
fn a_result_that_could_not_be_sent() {
    let make = || {
        let task = Task::new();
        task.close_queue();
        task
    };
    explore_deeds(Any, make, [succeed, Task::withdraw]);
    explore_deeds(AtMost(4), make, [succeed, cancel, Task::withdraw]);
}

/// The same, and a thread that has waited delivers without the queue.
#[test]
fn a_result_that_could_not_be_sent_and_is_delivered() {
    let make = || {
        let task = Task::new();
        task.close_queue();
        task
    };
    explore_deeds(Any, make, [succeed, Task::deliver]);
    explore_deeds(AtMost(3), make, [succeed, Task::deliver, Task::withdraw]);
}

#[test]
fn a_result_a_cancellation_and_a_context_that_dies() {
    explore_deeds(AtMost(3), Task::new, [succeed, cancel, Task::close]);
}

#[test]
fn a_worker_that_starts_and_a_cancellation() {
    explore_deeds(Any, Task::with_worker, [work, cancel]);
}

#[test]
fn a_worker_that_starts_a_cancellation_and_a_timeout() {
    explore_deeds(AtMost(3), Task::with_worker, [work, cancel, time_out]);
}

#[test]
fn a_worker_that_starts_and_a_context_that_dies() {
    explore_deeds(Any, Task::with_worker, [work, Task::close]);
}

#[test]
fn a_worker_that_starts_a_cancellation_and_a_context_that_dies() {
    explore_deeds(AtMost(3), Task::with_worker, [work, cancel, Task::close]);
}

#[test]
fn a_worker_that_starts_a_cancellation_and_who_delivers_at_any_moment() {
    explore_deeds(AtMost(3), Task::with_worker, [work, cancel, Task::deliver]);
}

/// The pool takes a job once; if it did not, the function would still be called once.
#[test]
fn a_worker_that_two_threads_start() {
    explore_deeds(AtMost(3), Task::with_worker, [work, work, cancel]);
}

/// The task is ended as it is handed to the pool.
#[test]
fn a_worker_that_is_submitted_and_a_cancellation() {
    explore_deeds(Any, Task::new, [submit, cancel]);
}

#[test]
fn a_worker_that_is_submitted_and_a_context_that_dies() {
    explore_deeds(Any, Task::new, [submit, Task::close]);
}

#[test]
fn a_worker_that_is_submitted_a_cancellation_and_a_context_that_dies() {
    explore_deeds(AtMost(4), Task::new, [submit, cancel, Task::close]);
}
