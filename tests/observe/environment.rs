//! `QIO_TASK_DEBUG` beside what the program itself does, each test in a process
//! of its own.

use std::{
    env,
    ffi::OsStr,
    fs, io,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt, net::UnixDatagram},
    },
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use qio_task::{
    QioTask, is_inspecting, set_inspecting, set_slow_callback_limit, slow_callback_limit,
};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    common::{
        PATIENCE, is_child, on_context,
        process::{Process, wait_for_parent},
        wait_until,
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

/// The test of this name, as a process of its own.
fn child(test: &str, debug: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env("QIO_TASK_TEST_CHILD", test)
        .env("QIO_TASK_DEBUG", debug);
    command
}

const BYTES: &str = "environment::what_is_no_text_is_told_of";

#[test]
fn what_is_no_text_is_told_of() {
    if is_child(BYTES) {
        println!("tasks {}", is_inspecting());
        return;
    }
    let output = child(BYTES, OsStr::from_bytes(b"tasks,\xff"));
    let output = { output }.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("tasks true"), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("help"), "{output:?}");
}

/// How long a list may take before it is asked for again.
const ANSWER: Duration = Duration::from_secs(1);

const WHOLE: &str = "environment::a_list_is_written_at_once";

/// Else the lines of others come into the middle of its lines.
#[test]
fn a_list_is_written_at_once() {
    if is_child(WHOLE) {
        on_context(|_| {
            let builder = QioTask::builder().name("held");
            let held = builder.callback(any_end::<()>());
            wait_for_parent();
            drop(held);
        });
        return;
    }
    // Of which each write is a message.
    let (lists, stderr) = UnixDatagram::pair().unwrap();
    lists.set_read_timeout(Some(ANSWER)).unwrap();
    let mut child = child(WHOLE, "tasks")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(OwnedFd::from(stderr))
        .spawn()
        .unwrap();
    // Only then a signal does no harm.
    let catches = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        caught >> (Signal::USR1.as_raw() - 1) & 1 == 1
    };
    wait_until(catches);
    let mut list = String::new();
    let begun = Instant::now();
    while !list.contains("\"held\"") {
        assert!(begun.elapsed() < PATIENCE, "no list comes");
        kill_process(Pid::from_child(&child), Signal::USR1).unwrap();
        let mut bytes = [0; 4096];
        // The handler is there a moment before it knows what to do: what comes in between is lost.
        let Ok(length) = lists.recv(&mut bytes) else {
            continue;
        };
        list = String::from_utf8_lossy(&bytes[..length]).into_owned();
        // The task may not be there yet, but no part of the list is missing.
        assert!(list.ends_with('\n'), "{list:?}");
    }
    assert!(list.starts_with("qio-task: process"), "{list:?}");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
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
