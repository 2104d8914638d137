//! Threads that go, or are about to, strand no job; and all of them go.

use std::{mem, num::NonZero, sync::Arc, time::Duration};

use crate::{
    pool::StackSize,
    stage::{Meeting, Stage},
    sync::{
        LONG, Mutex,
        Preemptions::{Any, AtMost},
        explore, lock, pass,
    },
};

/// Not what threads are started with at first.
const LARGE: StackSize = NonZero::new(1 << 30);

/// Time passes for idle threads as the next job comes.
#[test]
fn a_job_comes_as_the_idle_time_is_over() {
    explore(Any, || {
        let stage = Stage::new(1);
        stage.pool.set_max_idle_time(LONG);
        stage.submit();
        let clock = stage.spawn(|_| pass(LONG));
        stage.submit();
        clock.join().unwrap();
        stage.end();
    });
}

#[test]
fn jobs_come_as_the_idle_time_of_two_threads_is_over() {
    explore(AtMost(2), || {
        let stage = Stage::new(2);
        stage.pool.set_max_idle_time(LONG);
        stage.submit();
        stage.submit();
        let clock = stage.spawn(|_| pass(LONG));
        stage.submit();
        clock.join().unwrap();
        stage.end();
    });
}

/// With this setting no thread sleeps: each retires as it finds nothing.
#[test]
fn no_thread_stays() {
    explore(Any, || {
        let stage = Stage::new(2);
        stage.pool.set_max_idle_time(Duration::ZERO);
        stage.submit();
        stage.submit();
        stage.end();
    });
}

#[test]
fn no_thread_stays_and_there_are_two_submitters() {
    explore(Any, || {
        let stage = Stage::new(1);
        stage.pool.set_max_idle_time(Duration::ZERO);
        let other = stage.spawn(Stage::submit);
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

/// The maximum is lowered while threads sleep, wake, or take their jobs: the
/// wake-up for a job may reach one that has to go.
#[test]
fn the_maximum_is_lowered_as_a_job_comes() {
    explore(AtMost(3), || {
        let stage = Stage::new(2);
        stage.submit();
        stage.submit();
        let other = stage.spawn(|stage| stage.set_max_threads(1));
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

/// As before, but both threads are known to be there, asleep or about to.
#[test]
fn the_maximum_is_lowered_under_two_idle_threads() {
    explore(AtMost(2), || {
        let stage = Stage::new(2);
        two_threads(&stage);
        let other = stage.spawn(|stage| stage.set_max_threads(1));
        stage.submit();
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

/// Once it is lowered, no two jobs that come run at the same time.
#[test]
fn a_lowered_maximum_holds() {
    explore(AtMost(2), || {
        let stage = Stage::new(2);
        two_threads(&stage);
        stage.set_max_threads(1);
        let is_busy = Arc::new(Mutex::new(false));
        for _ in 0..2 {
            let is_busy = is_busy.clone();
            stage.submit_that(move |_, _| {
                let was_busy = mem::replace(&mut *lock(&is_busy), true);
                assert!(!was_busy, "at the same time as another");
                *lock(&is_busy) = false;
            });
        }
        stage.end();
    });
}

/// The maximum is raised for jobs that need two threads, and wait for them.
#[test]
fn the_maximum_is_raised_as_jobs_come() {
    explore(AtMost(2), || {
        let stage = Stage::new(1);
        let other = stage.spawn(|stage| stage.set_max_threads(2));
        two_threads(&stage);
        other.join().unwrap();
        stage.end();
    });
}

/// The size of stacks is set while threads sleep, wake, or take their jobs: the
/// wake-up for a job may reach one that has to go.
#[test]
fn the_size_of_stacks_is_set_as_jobs_come() {
    explore(AtMost(3), || {
        let stage = Stage::new(1);
        stage.submit();
        let other = stage.spawn(|stage| stage.pool.set_stack_size(LARGE));
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

/// Once it is set, no job that comes is run by a thread with another one.
#[test]
fn a_size_of_stacks_that_is_set_holds() {
    explore(AtMost(2), || {
        let stage = Stage::new(2);
        two_threads(&stage);
        let before = stage.stack_sizes();
        assert_eq!(before, [None, None]);
        stage.pool.set_stack_size(LARGE);
        for _ in 0..2 {
            stage.submit_that(|stage, _| {
                assert_eq!(stage.stack_sizes().last(), Some(&LARGE));
            });
        }
        stage.end();
    });
}

/// The thread that is to have another stack is refused, while one with the old one
/// is about to go: the job is refused, or run by one that was started later.
#[test]
fn a_thread_with_another_stack_is_refused() {
    explore(AtMost(2), || {
        let stage = Stage::where_refused(2, |number| number == 1);
        stage.submit();
        stage.pool.set_stack_size(LARGE);
        stage.submit();
        stage.submit();
        stage.end();
    });
}

/// A thread whose yield took long sleeps at once the next time, and a job that
/// comes as it looks once more is not left to it when it does not.
#[test]
fn a_job_comes_as_a_thread_lingers() {
    explore(AtMost(4), || {
        let stage = Stage::new(1);
        stage.submit();
        let clock = stage.spawn(|_| pass(LONG));
        stage.submit();
        stage.submit();
        clock.join().unwrap();
        stage.end();
    });
}

/// Two jobs that wait for each other to have started: each needs a thread.
fn two_threads(stage: &Arc<Stage>) {
    let meeting = Arc::new(Meeting::new(2));
    for _ in 0..2 {
        let meeting = meeting.clone();
        stage.submit_that(move |_, _| meeting.join());
    }
    meeting.wait();
}
