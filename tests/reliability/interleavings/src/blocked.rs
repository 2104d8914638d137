//! Jobs that wait for other jobs hold up nobody, not even at the maximum.

use std::sync::Arc;

use crate::{
    stage::{End, Stage},
    sync::{
        Preemptions::{self, AtMost},
        explore,
    },
    task::Task,
};

/// Submits a job that submits another one and waits for it.
fn submit_that_waits(stage: &Arc<Stage>) {
    stage.submit_that(|stage, end| {
        if end == End::Ran {
            wait_for_one(stage, End::Ran);
        }
    });
}

/// Submits a job and waits for it, as `Running::wait` does.
fn wait_for_one(stage: &Arc<Stage>, expected: End) {
    let task = Arc::new(Task::new());
    let job = task.clone();
    stage.submit_that(move |_, end| {
        assert_eq!(end, expected);
        job.complete(end == End::Ran);
    });
    let _blocked = stage.pool.block();
    task.state.wait_for_worker(None, || false);
}

fn explore_nested(preemptions: Preemptions, max_threads: usize, waiting: usize, others: usize) {
    explore(preemptions, move || {
        let stage = Stage::new(max_threads);
        (0..waiting).for_each(|_| submit_that_waits(&stage));
        (0..others).for_each(|_| stage.submit());
        stage.end();
    });
}

#[test]
fn a_job_waits_for_a_job_at_the_maximum() {
    explore_nested(AtMost(4), 1, 1, 0);
}

#[test]
fn a_job_waits_for_a_job_and_another_comes() {
    explore_nested(AtMost(3), 1, 1, 1);
}

#[test]
fn two_jobs_wait_for_jobs_at_the_maximum() {
    explore_nested(AtMost(2), 1, 2, 0);
}

#[test]
fn a_job_waits_for_a_job_below_the_maximum() {
    explore_nested(AtMost(2), 2, 1, 1);
}

/// A thread that does not count any more, as its job waits, counts again when
/// that is done: one of the two has to go then, and takes no job with it.
#[test]
fn a_job_comes_as_there_is_a_thread_too_many() {
    explore(AtMost(2), || {
        let stage = Stage::new(1);
        submit_that_waits(&stage);
        let other = stage.spawn(Stage::submit);
        other.join().unwrap();
        stage.end();
    });
}

/// The only thread waits for a job that no thread can be had for.
#[test]
fn the_only_thread_waits_for_a_job_that_is_refused() {
    explore(AtMost(4), || {
        let stage = Stage::where_refused(2, |number| number > 0);
        stage.submit_that(|stage, end| {
            assert_eq!(end, End::Ran);
            wait_for_one(stage, End::Refused);
        });
        stage.end();
    });
}
