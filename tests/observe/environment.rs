//! `QIO_TASK_DEBUG` beside what the program itself does, each test in a process
//! of its own.

#[cfg(unix)]
mod of_unix;

use std::{io, sync::mpsc, thread, time::Duration};

use qio_task::{
    QioTask, is_inspecting, set_inspecting, set_slow_callback_limit, slow_callback_limit,
};

use crate::{
    common::{
        PATIENCE, is_child, on_context,
        process::{Process, wait_for_parent},
    },
    views::{any_end, on_lenient_context},
};

fn make_one() {
    let task = QioTask::builder().callback(any_end::<()>());
    task.complete(Ok(()));
}

const FIRST: &str = "environment::what_the_program_sets_before_its_first_task_holds";

#[test]
fn what_the_program_sets_before_its_first_task_holds() {
    if is_child(FIRST) {
        set_slow_callback_limit(Some(Duration::from_hours(1)));
        assert_eq!(slow_callback_limit(), Some(Duration::from_hours(1)));
        return;
    }
    let (lines, status) = Process::of_test(FIRST, Some("slow=5")).end();
    assert!(status.success(), "{lines:#?}");
}

const TWICE: &str = "environment::one_list_at_a_signal_however_often_it_is_asked_for";

#[test]
fn one_list_at_a_signal_however_often_it_is_asked_for() {
    if is_child(TWICE) {
        on_lenient_context(|_| {
            make_one();
            eprintln!("ready");
            wait_for_parent();
        });
        return;
    }
    let process = Process::of_test(TWICE, Some("tasks,tasks,all"));
    process.line_with(&["ready"]);
    // A second list of the first signal would be there with that of the second.
    for _ in 0..2 {
        process.signal();
        process.line_with(&["no unfinished task"]);
    }
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
    assert!(rest.is_empty(), "{rest:#?}");
}

const OFF: &str = "environment::no_list_after_all_and_the_signal_ends_nothing";

#[test]
fn no_list_after_all_and_the_signal_ends_nothing() {
    if is_child(OFF) {
        on_lenient_context(|_| {
            set_inspecting(false);
            make_one();
            eprintln!("ready");
            wait_for_parent();
        });
        return;
    }
    let process = Process::of_test(OFF, Some("tasks"));
    process.line_with(&["ready"]);
    process.signal();
    process.line_with(&["no task is known"]);
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
}

const LIMIT: &str = "environment::all_keeps_the_limit_that_is_told";

#[test]
fn all_keeps_the_limit_that_is_told() {
    if is_child(LIMIT) {
        assert!(is_inspecting());
        assert_eq!(slow_callback_limit(), Some(Duration::from_millis(5)));
        return;
    }
    for debug in ["slow=5,all", "all,slow=5"] {
        let (lines, status) = Process::of_test(LIMIT, Some(debug)).end();
        assert!(status.success(), "{debug}: {lines:#?}");
    }
}

const LOCKED: &str = "environment::a_task_is_made_while_stderr_is_locked";

/// As by who prints something that makes one, while another thread makes the first.
#[test]
fn a_task_is_made_while_stderr_is_locked() {
    if is_child(LOCKED) {
        // Else it may hang.
        thread::spawn(|| {
            thread::sleep(PATIENCE);
            std::process::abort();
        });
        let stderr = io::stderr().lock();
        let (sender, begun) = mpsc::channel();
        let first = thread::spawn(move || {
            sender.send(()).unwrap();
            on_context(|_| make_one());
        });
        begun.recv().unwrap();
        // For it to come as far as the help; shorter, and the test misses a mistake.
        thread::sleep(Duration::from_millis(100));
        on_context(|_| make_one());
        drop(stderr);
        first.join().unwrap();
        return;
    }
    let (lines, status) = Process::of_test(LOCKED, Some("help")).end();
    assert!(status.success(), "{lines:#?}");
}
