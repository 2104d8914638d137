//! Every job that is submitted runs once, in order, and no wake-up is lost.

use std::sync::{Arc, Mutex};

use crate::{
    stage::{Meeting, Stage},
    sync::{
        Preemptions::{Any, AtMost},
        explore,
    },
};

#[test]
fn one_job() {
    explore(Any, || {
        let stage = Stage::new(1);
        stage.submit();
        stage.end();
    });
}

#[test]
fn two_jobs_on_one_thread() {
    explore(Any, || {
        let stage = Stage::new(1);
        let order = Arc::new(Mutex::new(Vec::new()));
        for number in 0..2 {
            let order = order.clone();
            stage.submit_that(move |_, _| order.lock().unwrap().push(number));
        }
        stage.end();
        assert_eq!(*order.lock().unwrap(), [0, 1], "in order");
    });
}

/// The only thread is busy until all three wait for it.
#[test]
fn jobs_of_two_priorities_on_one_thread() {
    explore(AtMost(3), || {
        let stage = Stage::new(1);
        let order = Arc::new(Mutex::new(Vec::new()));
        let all_wait = Arc::new(Meeting::new(2));
        let busy = all_wait.clone();
        stage.submit_that(move |_, _| busy.join());
        for (number, priority) in [(0, 200), (1, 0), (2, 200), (3, 0)] {
            let order = order.clone();
            stage.submit_at(priority, move |_, _| order.lock().unwrap().push(number));
        }
        all_wait.join();
        stage.end();
        assert_eq!(*order.lock().unwrap(), [1, 3, 0, 2]);
    });
}

#[test]
fn two_jobs_on_two_threads() {
    explore(AtMost(5), || {
        let stage = Stage::new(2);
        stage.submit();
        stage.submit();
        stage.end();
    });
}

#[test]
fn three_jobs_on_two_threads() {
    explore(AtMost(3), || {
        let stage = Stage::new(2);
        for _ in 0..3 {
            stage.submit();
        }
        stage.end();
    });
}

#[test]
fn two_submitters_and_one_thread() {
    explore(Any, || {
        let stage = Stage::new(1);
        let other = stage.spawn(Stage::submit);
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

#[test]
fn two_submitters_and_two_threads() {
    explore(AtMost(3), || {
        let stage = Stage::new(2);
        let other = stage.spawn(Stage::submit);
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}
