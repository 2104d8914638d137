//! Signals are the program's.

use std::{fs, mem::MaybeUninit, process::Command, ptr};

use qio_task::QioTask;
use rustix::process::Signal;

use crate::common::{busy_worker, is_child, on_context, process::Process, run_worker};

/// What a fault of a thread raises in that thread.
const OF_FAULTS: [i32; 7] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGABRT,
];

/// The mask of a thread, by its folder in `/proc`, as it tells.
fn blocked(thread: &str) -> u64 {
    blocked_in(&fs::read_to_string(format!("{thread}/status")).unwrap())
}

fn blocked_in(status: &str) -> u64 {
    let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
    u64::from_str_radix(blocked.unwrap().trim(), 16).unwrap()
}

/// The mask of a thread that has blocked all that it may. A tool that watches the program, as
/// valgrind, may keep one for itself.
fn all_that_can_be_blocked() -> u64 {
    let block_all = || {
        let mut set = MaybeUninit::uninit();
        // SAFETY: the set is filled, and only read after that; the mask of a thread is its own.
        unsafe {
            libc::sigfillset(set.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, set.as_ptr(), ptr::null_mut());
        }
        blocked("/proc/thread-self")
    };
    std::thread::spawn(block_all).join().unwrap()
}

#[track_caller]
fn assert_leaves_signals_to_others(blocked: u64) {
    let all = all_that_can_be_blocked();
    // The C library keeps those between for itself.
    for signal in (1..=31).chain(libc::SIGRTMIN()..=libc::SIGRTMAX()) {
        if [libc::SIGKILL, libc::SIGSTOP].contains(&signal) {
            continue;
        }
        let is_in = |mask: u64| mask >> (signal - 1) & 1 == 1;
        if is_in(all) {
            assert_ne!(
                is_in(blocked),
                OF_FAULTS.contains(&signal),
                "signal {signal}"
            );
        }
    }
}

#[test]
fn workers_block_all_but_those_of_faults() {
    on_context(|_| {
        let here = blocked("/proc/thread-self");
        for builder in [QioTask::builder(), QioTask::builder().dedicated_thread()] {
            let there = run_worker(builder, || blocked("/proc/thread-self"));
            assert_leaves_signals_to_others(there);
        }
        // Those of a worker's own tasks, too.
        let there = run_worker(QioTask::builder(), || {
            on_context(|_| run_worker(QioTask::builder(), || blocked("/proc/thread-self")))
        });
        assert_leaves_signals_to_others(there);
        assert_eq!(
            blocked("/proc/thread-self"),
            here,
            "who starts them keeps its own"
        );
    });
}

/// The standard library leaves a program the mask of the thread that starts it.
#[test]
fn what_a_worker_starts_has_them_blocked_too() {
    on_context(|_| {
        let status = run_worker(QioTask::builder(), || {
            let mut program = Command::new("cat");
            program.arg("/proc/self/status").output().unwrap()
        });
        let status = String::from_utf8(status.stdout).unwrap();
        assert_leaves_signals_to_others(blocked_in(&status));
    });
}

/// Asks for a change of this thread's mask, of this one signal.
fn change(how: i32, signal: i32) {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the set is emptied before a signal is put there, and only read after that; the
    // mask of a thread is its own.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        libc::pthread_sigmask(how, set.as_ptr(), ptr::null_mut());
    }
}

/// Waits for this signal, which this thread has blocked.
fn wait_for(signal: i32) {
    let (mut set, mut got) = (MaybeUninit::uninit(), 0);
    // SAFETY: as above; the number goes to its place.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        assert_eq!(libc::sigwait(set.as_ptr(), &raw mut got), 0);
    }
    assert_eq!(got, signal);
}

const WAITED_FOR: &str = "good_guest::signals::a_signal_that_the_program_waits_for_is_its_own";

/// As with a `signalfd`: every thread of the program has it blocked, by the time it comes.
#[test]
fn a_signal_that_the_program_waits_for_is_its_own() {
    if is_child(WAITED_FOR) {
        // As it is in most programs when the first task is made.
        change(libc::SIG_UNBLOCK, libc::SIGTERM);
        on_context(|_| {
            run_worker(QioTask::builder(), || ());
            let (gate, busy) = busy_worker();
            change(libc::SIG_BLOCK, libc::SIGTERM);
            eprintln!("ready");
            wait_for(libc::SIGTERM);
            eprintln!("told");
            gate.open();
            busy.wait();
        });
        return;
    }
    // The other threads of the test's own program.
    let process = Process::of_test_by_env(&["--block-signal=TERM"], WAITED_FOR, None);
    process.line_with(&["ready"]);
    process.send(Signal::TERM);
    process.line_with(&["told"]);
    let (rest, status) = process.end();
    assert!(status.success(), "{status}: {rest:#?}");
}

const DEBUG: &str = "good_guest::signals::every_thread_of_the_library_leaves_them_to_the_program";

#[test]
fn every_thread_of_the_library_leaves_them_to_the_program() {
    if is_child(DEBUG) {
        on_context(|_| {
            let (gate, busy) = busy_worker();
            run_worker(QioTask::builder(), || ());
            let mut names = Vec::new();
            for thread in fs::read_dir("/proc/self/task").unwrap() {
                let thread = thread.unwrap().path();
                let name = fs::read_to_string(thread.join("comm")).unwrap();
                if name.starts_with("qio-") {
                    let mut blocked = blocked(thread.to_str().unwrap());
                    if name.trim_end() == "qio-task debug" {
                        // It is there for this one.
                        blocked |= 1 << (libc::SIGUSR1 - 1);
                    }
                    assert_leaves_signals_to_others(blocked);
                    names.push(name);
                }
            }
            assert!(names.len() >= 3, "{names:?}");
            gate.open();
            busy.wait();
        });
        return;
    }
    let (rest, status) = Process::of_test(DEBUG, Some("tasks")).end();
    assert!(status.success(), "{status}: {rest:#?}");
}
