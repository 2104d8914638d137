//! The system refuses threads: every job is run by one that is alive, or is
//! refused too; none waits for ever.

use std::sync::Arc;

use crate::{
    stage::{End, Stage},
    sync::{
        LONG,
        Preemptions::{Any, AtMost},
        explore, pass,
    },
};

#[test]
fn always() {
    explore(Any, || {
        let stage = Stage::where_refused(2, |_| true);
        let other = stage.spawn(Stage::submit);
        stage.submit();
        other.join().unwrap();
        assert_eq!(stage.refused(), 2);
        stage.end();
    });
}

#[test]
fn the_first() {
    explore(Any, || {
        let stage = Stage::where_refused(2, |number| number == 0);
        let other = stage.spawn(Stage::submit);
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

/// One is alive, and takes the jobs of those that are refused.
#[test]
fn all_but_the_first() {
    explore(Any, || {
        let stage = Stage::where_refused(2, |number| number > 0);
        stage.submit();
        stage.submit();
        stage.submit();
        stage.end();
    });
}

/// A job that comes as a thread is about to be refused waits for that one,
/// also when the one that is alive has gone to sleep.
#[test]
fn all_but_the_first_with_two_submitters() {
    explore(AtMost(4), || {
        let stage = Stage::where_refused(2, |number| number > 0);
        stage.submit();
        let other = stage.spawn(Stage::submit);
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}

/// While one thread is alive no job is refused, however late that one comes.
#[test]
fn none_is_refused_while_one_is_alive() {
    explore(Any, || {
        let stage = Stage::where_refused(3, |number| number > 0);
        let submit = |stage: &Arc<Stage>| {
            stage.submit_that(|_, end| assert_eq!(end, End::Ran));
        };
        stage.submit_that(move |stage, _| submit(stage));
        submit(&stage);
        stage.end();
    });
}

/// The thread that could take what is refused retires just then.
#[test]
fn the_last_one_alive_retires() {
    explore(Any, || {
        let stage = Stage::where_refused(2, |number| number > 0);
        stage.pool.set_max_idle_time(std::time::Duration::ZERO);
        stage.submit();
        stage.submit();
        stage.end();
    });
}

/// A thread whose idle time is over takes a job that is there: the thread
/// which is on its way to it may be refused.
#[test]
fn none_is_refused_as_the_last_one_alive_times_out() {
    explore(AtMost(3), || {
        let stage = Stage::where_refused(2, |number| number > 0);
        stage.pool.set_max_idle_time(LONG);
        stage.submit();
        let other = stage.spawn(Stage::submit);
        stage.submit_that(|_, end| {
            // Real time goes by itself, and that thread may be gone as this one comes.
            assert!(end == End::Ran || cfg!(feature = "threads"));
        });
        pass(LONG);
        other.join().unwrap();
        stage.end();
    });
}

/// The thread that could take what is refused is one too many just then.
#[test]
fn the_maximum_is_lowered() {
    explore(AtMost(3), || {
        let stage = Stage::where_refused(2, |number| number == 1);
        stage.submit();
        let other = stage.spawn(|stage| stage.set_max_threads(1));
        stage.submit();
        other.join().unwrap();
        stage.end();
    });
}
