//! Each task finds its thread as the first one did. Each test is a process of its own, as the
//! maximum of threads is the whole process's.

use std::{num::NonZero, time::Duration};

use qio_task::QioTask;
#[cfg(not(qio_portable))]
use rustix::thread::gettid;

use super::state::{self, DEEDS, State};
use crate::common::{on_context, passes_in_child, run_worker};

/// Lets there be one thread, which stays.
fn one_thread() {
    qio_task::set_max_threads(NonZero::<usize>::MIN);
    qio_task::set_max_idle_time(Duration::MAX);
}

fn find() -> State {
    run_worker(QioTask::builder(), State::here)
}

/// Does each deed in a task, and looks what the next one finds.
fn do_each() {
    let first = find();
    for &(what, deed) in DEEDS {
        let changed = run_worker(QioTask::builder(), move || {
            deed();
            State::here()
        });
        assert_ne!(changed, first, "{what}");
        assert_eq!(find(), first, "{what}");
    }
    // And all of them in one.
    run_worker(QioTask::builder(), state::do_all);
    assert_eq!(find(), first);
}

const FOUND: &str = "good_guest::neutral::each_task_finds_its_thread_as_the_first_one_did";

#[test]
fn each_task_finds_its_thread_as_the_first_one_did() {
    if passes_in_child(FOUND) {
        return;
    }
    on_context(|_| {
        one_thread();
        do_each();
    });
}

const WITHOUT: &str = "good_guest::neutral::also_where_the_system_does_not_let_it_be_undone";

#[test]
fn also_where_the_system_does_not_let_it_be_undone() {
    if passes_in_child(WITHOUT) {
        return;
    }
    state::give_up_the_right_to_be_urgent();
    on_context(|_| {
        one_thread();
        do_each();
    });
}

#[cfg(not(qio_portable))]
const REPLACED: &str = "good_guest::neutral::a_thread_that_can_t_be_made_neutral_goes";

/// And those that wait have another one.
#[test]
#[cfg(not(qio_portable))]
fn a_thread_that_can_t_be_made_neutral_goes() {
    if passes_in_child(REPLACED) {
        return;
    }
    state::give_up_the_right_to_be_urgent();
    on_context(|_| {
        one_thread();
        let number = || gettid().as_raw_nonzero().get();
        let first = run_worker(QioTask::builder(), number);
        assert_eq!(run_worker(QioTask::builder(), number), first);
        run_worker(QioTask::builder(), state::be_nice);
        let second = run_worker(QioTask::builder(), number);
        assert_ne!(second, first);
        assert_eq!(run_worker(QioTask::builder(), number), second);
    });
}

const NAMED: &str = "good_guest::neutral::a_named_task_that_renames_its_thread";

#[test]
fn a_named_task_that_renames_its_thread() {
    if passes_in_child(NAMED) {
        return;
    }
    on_context(|_| {
        one_thread();
        let first = find();
        run_worker(QioTask::builder().name("named"), state::rename);
        assert_eq!(find(), first);
        let named = run_worker(QioTask::builder().name("named"), State::here);
        assert_eq!(named.name, "named");
        assert_eq!(find(), first);
    });
}

const SHORT: &str = "good_guest::neutral::a_named_task_that_does_nothing";

/// It makes no call of the system by itself, and so is not looked at as others are. (Without
/// optimization it takes as long as one, and this can't fail.)
#[test]
fn a_named_task_that_does_nothing() {
    if passes_in_child(SHORT) {
        return;
    }
    on_context(|_| {
        one_thread();
        let first = find();
        for _ in 0..1000 {
            run_worker(QioTask::builder().name("named"), || ());
            assert_eq!(find(), first);
        }
    });
}

const PANICKING: &str = "good_guest::neutral::a_task_that_panics_or_comes_too_late";

/// What is dropped of it may do something to the thread, too.
#[test]
fn a_task_that_panics_or_comes_too_late() {
    struct Bomb(fn());
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0();
        }
    }
    if passes_in_child(PANICKING) {
        return;
    }
    on_context(|context| {
        one_thread();
        let first = find();
        for &(what, deed) in DEEDS {
            let running = QioTask::builder()
                .callback(|_: Result<(), qio_task::Error>| {})
                .run_in_thread(move |_| std::panic::panic_any(Bomb(deed)));
            running.wait();
            assert_eq!(find(), first, "{what}, as the panic is dropped");

            let (gate, wait) = crate::common::gate();
            let running = QioTask::builder()
                .callback(|_: Result<Bomb, qio_task::Error>| {})
                .run_in_thread(move |_| {
                    wait();
                    Ok(Bomb(deed))
                });
            gate.wait_for_arrival();
            running.cancel();
            gate.open();
            running.wait();
            assert_eq!(find(), first, "{what}, as the late result is dropped");
        }
        crate::common::iterate(context);
    });
}
