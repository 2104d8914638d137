//! Words that are no text, and a list that is read write by write.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::{
        fd::OwnedFd,
        unix::{ffi::OsStrExt, net::UnixDatagram},
    },
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use qio_task::{QioTask, is_inspecting};
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    common::{PATIENCE, is_child, on_context, process::wait_for_parent, wait_until},
    views::any_end,
};

/// The test of this name, as a process of its own.
fn child(test: &str, debug: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args([test, "--exact", "--nocapture"])
        .env("QIO_TASK_TEST_CHILD", test)
        .env("QIO_TASK_DEBUG", debug);
    command
}

const BYTES: &str = "environment::of_unix::what_is_no_text_is_told_of";

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

const WHOLE: &str = "environment::of_unix::a_list_is_written_at_once";

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
