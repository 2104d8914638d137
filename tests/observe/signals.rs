//! At which signal `QIO_TASK_DEBUG=tasks` lists the tasks, and that it takes none
//! from the program. Each test is a process of its own.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use glib::{ControlFlow, MainContext};
use qio_task::{QioTask, set_inspecting};
use rustix::process::Signal;

use crate::{
    common::{
        is_child,
        process::{Process, wait_for_parent},
        wait_until,
    },
    views::{any_end, on_lenient_context},
};

/// The first line of a list of nothing.
const LIST: &str = "no unfinished task";

/// Makes the first task of this process, and says so.
fn make_one() {
    on_lenient_context(|_| end_one());
    eprintln!("ready");
}

fn end_one() {
    let task = QioTask::builder().callback(any_end::<()>());
    task.complete(Ok(()));
}

#[track_caller]
fn assert_ends(process: Process) -> Vec<String> {
    let (rest, status) = process.end();
    assert!(status.success(), "{status}: {rest:#?}");
    rest
}

const PLAIN: &str = "signals::a_program_that_blocks_it_is_asked_all_the_same";

/// As QEMU and others do, that wait for signals in one place.
#[test]
fn a_program_that_blocks_it_is_asked_all_the_same() {
    if is_child(PLAIN) {
        make_one();
        wait_for_parent();
        return;
    }
    for options in [&["--block-signal=USR1"][..], &["--block-signal"]] {
        let process = Process::of_test_by_env(options, PLAIN, Some("tasks"));
        process.line_with(&["ready"]);
        for _ in 0..2 {
            process.signal();
            process.line_with(&[LIST]);
        }
        assert_ends(process);
    }
}

const OTHERS: &str = "signals::no_other_signal_is_let_through";

/// The thread that waits for the one has the others blocked, whoever made it.
#[test]
fn no_other_signal_is_let_through() {
    if is_child(OTHERS) {
        make_one();
        wait_for_parent();
        return;
    }
    let options = ["--block-signal=USR1", "--block-signal=USR2"];
    let process = Process::of_test_by_env(&options, OTHERS, Some("tasks"));
    process.line_with(&["ready"]);
    process.send(Signal::USR2);
    process.signal();
    process.line_with(&[LIST]);
    assert_ends(process);
}

#[test]
fn its_thread_blocks_all_others_of_a_program_that_blocks_none() {
    const TEST: &str = "signals::its_thread_blocks_all_others_of_a_program_that_blocks_none";
    if is_child(TEST) {
        make_one();
        let blocked = || {
            let tasks = fs::read_dir("/proc/self/task").unwrap();
            let mut statuses = tasks
                .filter_map(|task| fs::read_to_string(task.unwrap().path().join("status")).ok());
            let status = statuses.find(|status| status.contains("qio-task debug"))?;
            let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
            Some(u64::from_str_radix(blocked?.trim(), 16).unwrap())
        };
        let is = |blocked: u64, signal: Signal| blocked >> (signal.as_raw() - 1) & 1 == 1;
        wait_until(|| {
            blocked().is_some_and(|blocked| {
                is(blocked, Signal::TERM)
                    && is(blocked, Signal::CHILD)
                    && !is(blocked, Signal::USR1)
            })
        });
        return;
    }
    assert_ends(Process::of_test(TEST, Some("tasks")));
}

const HANDLER: &str = "signals::a_handler_of_the_program_stays";

/// A handler of the plainest kind, by `sigaction`.
#[test]
fn a_handler_of_the_program_stays() {
    if is_child(HANDLER) {
        let handled = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGUSR1, handled.clone()).unwrap();
        make_one();
        wait_until(|| handled.load(Ordering::SeqCst));
        eprintln!("handled");
        wait_for_parent();
        return;
    }
    assert_stays(HANDLER);
}

const GLIB: &str = "signals::a_handler_of_glib_stays";

#[test]
fn a_handler_of_glib_stays() {
    if is_child(GLIB) {
        let handled = Arc::new(AtomicBool::new(false));
        let source = glib_unix::signal_source_new(
            signal_hook::consts::SIGUSR1,
            None,
            glib::Priority::DEFAULT,
            {
                let handled = handled.clone();
                move || {
                    handled.store(true, Ordering::SeqCst);
                    ControlFlow::Continue
                }
            },
        );
        let context = MainContext::new();
        source.attach(Some(&context));
        make_one();
        while !handled.load(Ordering::SeqCst) {
            context.iteration(true);
        }
        eprintln!("handled");
        wait_for_parent();
        return;
    }
    assert_stays(GLIB);
}

/// The program handles `SIGUSR1` itself in `test`, and is told where that is in the way.
fn assert_stays(test: &str) {
    let process = Process::of_test(test, Some("tasks,tasks,all"));
    process.line_with(&["SIGUSR1", "handles", "tasks=USR2"]);
    process.line_with(&["ready"]);
    process.signal();
    process.line_with(&["handled"]);
    let rest = assert_ends(process);
    let all = rest.concat();
    assert!(!all.contains(LIST), "{all}");
    assert!(!all.contains("SIGUSR1"), "once: {all}");

    // Named, another signal has the list; nothing is to be said then.
    for debug in ["tasks=USR2", "all,tasks=SIGUSR2", "tasks,tasks=USR2"] {
        let process = Process::of_test(test, Some(debug));
        let ready = process.line_with(&[""]);
        assert!(ready.contains("ready"), "{ready}");
        process.send(Signal::USR2);
        process.line_with(&[LIST]);
        process.signal();
        process.line_with(&["handled"]);
        process.send(Signal::USR2);
        process.line_with(&[LIST]);
        assert_ends(process);
    }
}

#[test]
fn a_signal_that_is_ignored_stays_so() {
    const TEST: &str = "signals::a_signal_that_is_ignored_stays_so";
    if is_child(TEST) {
        make_one();
        wait_for_parent();
        return;
    }
    let process = Process::of_test_by_env(&["--ignore-signal=USR1"], TEST, Some("tasks"));
    process.line_with(&["SIGUSR1", "ignores", "tasks=USR2"]);
    process.line_with(&["ready"]);
    process.signal();
    let rest = assert_ends(process).concat();
    assert!(!rest.contains(LIST), "{rest}");
}

const UNTOUCHED: &str = "signals::without_the_variable_the_signal_is_not_touched";

#[test]
fn without_the_variable_the_signal_is_not_touched() {
    if is_child(UNTOUCHED) {
        on_lenient_context(|_| {
            end_one();
            set_inspecting(true);
            end_one();
        });
        eprintln!("idle");
        wait_for_parent();
        return;
    }
    for debug in [None, Some(""), Some("slow")] {
        let process = Process::of_test(UNTOUCHED, debug);
        process.line_with(&["idle"]);
        process.signal();
        let (rest, status) = process.end();
        assert_eq!(
            status.signal(),
            Some(Signal::USR1.as_raw()),
            "{debug:?}: {rest:#?}"
        );
    }
}

const LATER: &str = "signals::a_handler_that_the_program_sets_later_holds";

#[test]
fn a_handler_that_the_program_sets_later_holds() {
    if is_child(LATER) {
        make_one();
        let handled = Arc::new(AtomicBool::new(false));
        let source = glib_unix::signal_source_new(
            signal_hook::consts::SIGUSR1,
            None,
            glib::Priority::DEFAULT,
            {
                let handled = handled.clone();
                move || {
                    handled.store(true, Ordering::SeqCst);
                    ControlFlow::Continue
                }
            },
        );
        let context = MainContext::new();
        source.attach(Some(&context));
        eprintln!("set");
        while !handled.load(Ordering::SeqCst) {
            context.iteration(true);
        }
        return;
    }
    let process = Process::of_test(LATER, Some("tasks"));
    process.line_with(&["set"]);
    process.signal();
    assert_ends(process);
}

const NAMED: &str = "signals::every_signal_that_help_names_can_be_named";

#[test]
fn every_signal_that_help_names_can_be_named() {
    if is_child(NAMED) {
        make_one();
        wait_for_parent();
        return;
    }
    #[cfg_attr(not(target_os = "linux"), expect(unused_mut, reason = "none is added"))]
    let mut signals = vec![
        ("HUP", libc::SIGHUP),
        ("INT", libc::SIGINT),
        ("QUIT", libc::SIGQUIT),
        ("USR1", libc::SIGUSR1),
        ("USR2", libc::SIGUSR2),
        ("ALRM", libc::SIGALRM),
        ("TERM", libc::SIGTERM),
        ("WINCH", libc::SIGWINCH),
    ];
    #[cfg(target_os = "linux")]
    signals.extend([
        ("RTMIN", libc::SIGRTMIN()),
        ("RTMIN+3", libc::SIGRTMIN() + 3),
        ("RTMAX", libc::SIGRTMAX()),
        ("RTMAX-2", libc::SIGRTMAX() - 2),
    ]);
    for (name, number) in signals {
        for debug in [format!("tasks={name}"), format!("slow,tasks=SIG{name}")] {
            // Whoever runs this may ignore some of them, as `nohup` does.
            let options = &["--default-signal"];
            let process = Process::of_test_by_env(options, NAMED, Some(&debug));
            process.line_with(&["ready"]);
            process.send_number(number);
            process.line_with(&[LIST]);
            assert_ends(process);
        }
    }
}

const LEFT: &str = "signals::the_signal_that_is_not_named_is_not_touched";

#[test]
fn the_signal_that_is_not_named_is_not_touched() {
    if is_child(LEFT) {
        make_one();
        wait_for_parent();
        return;
    }
    let process = Process::of_test(LEFT, Some("tasks=USR2"));
    process.line_with(&["ready"]);
    process.signal();
    let (rest, status) = process.end();
    assert_eq!(status.signal(), Some(Signal::USR1.as_raw()), "{rest:#?}");
}

const BUSY: &str = "signals::every_thread_of_the_program_may_block_it";

/// Not only those that are there as the first task is made.
#[test]
fn every_thread_of_the_program_may_block_it() {
    if is_child(BUSY) {
        let threads = (0..4).map(|_| thread::spawn(make_one)).collect::<Vec<_>>();
        for thread in threads {
            thread.join().unwrap();
        }
        eprintln!("all");
        wait_for_parent();
        return;
    }
    let process = Process::of_test_by_env(&["--block-signal=USR1"], BUSY, Some("tasks"));
    process.line_with(&["all"]);
    process.signal();
    process.line_with(&[LIST]);
    assert_ends(process);
}
