//! `QIO_TASK_DEBUG`, in processes of their own.

use std::{thread, time::Duration};

use qio_task::{Error, QioTask, is_inspecting, set_inspecting, slow_callback_limit};

use crate::{
    common::{
        gate, is_child, iterate, on_context,
        process::{Process, wait_for_parent},
    },
    views::{any_end, on_lenient_context, only_task_on},
};

/// A line of the list tells of this name and of this file.
const IN_LIST: [&str; 2] = ["the culprit", file!()];

/// The first task of a process.
fn make_one() {
    QioTask::builder()
        .callback(any_end::<()>())
        .complete(Ok(()));
}

const WORKER: &str = "debug::a_worker_that_hangs_is_found_with_one_signal";

#[test]
fn a_worker_that_hangs_is_found_with_one_signal() {
    if is_child(WORKER) {
        on_context(|_| {
            QioTask::builder()
                .name("the culprit")
                .callback(any_end::<()>())
                .run_in_thread(|_| {
                    eprintln!("hanging");
                    wait_for_parent();
                    Ok(())
                })
                .wait();
        });
        return;
    }
    let process = Process::of_test(WORKER, Some("tasks"));
    process.line_with(&["hanging"]);
    process.signal();
    process.line_with(&IN_LIST);
    process.signal();
    process.line_with(&IN_LIST);
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
    let left: Vec<_> = rest
        .iter()
        .filter(|line| line.contains(IN_LIST[0]))
        .collect();
    assert!(left.is_empty(), "nothing is left at the end: {left:#?}");
}

const CALLBACK: &str = "debug::a_main_loop_that_hangs_in_a_callback_is_found";

#[test]
fn a_main_loop_that_hangs_in_a_callback_is_found() {
    if is_child(CALLBACK) {
        on_context(|_| {
            QioTask::builder()
                .name("the culprit")
                .callback(|_: Result<(), Error>| {
                    eprintln!("hanging");
                    wait_for_parent();
                })
                .complete_in_idle(Ok(()));
        });
        return;
    }
    let process = Process::of_test(CALLBACK, Some("tasks"));
    process.line_with(&["hanging"]);
    process.signal();
    let delivering = qio_task::TaskState::Delivering.to_string();
    process.line_with(&[IN_LIST[0], IN_LIST[1], &delivering]);
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
}

const STORM: &str = "debug::a_storm_of_signals_while_tasks_come_and_go";

#[test]
fn a_storm_of_signals_while_tasks_come_and_go() {
    if is_child(STORM) {
        on_context(|context| {
            let (gate, wait) = gate();
            let parent = thread::spawn(move || {
                wait();
                eprintln!("busy");
                wait_for_parent();
            });
            make_one();
            gate.wait_for_arrival();
            gate.open();
            while !parent.is_finished() {
                make_one();
                let task = QioTask::builder().callback(any_end::<()>());
                task.run_in_thread(|_| Ok(()));
                iterate(context);
            }
        });
        return;
    }
    let process = Process::of_test(STORM, Some("tasks,slow=60000"));
    process.line_with(&["busy"]);
    for _ in 0..50 {
        for _ in 0..20 {
            process.signal();
        }
        process.line_with(&["unfinished task"]);
    }
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
}

const EMPTY: &str = "debug::a_signal_with_nothing_in_flight_does_no_harm";

#[test]
fn a_signal_with_nothing_in_flight_does_no_harm() {
    if is_child(EMPTY) {
        on_context(|_| make_one());
        eprintln!("idle");
        wait_for_parent();
        return;
    }
    let process = Process::of_test(EMPTY, Some("tasks"));
    process.line_with(&["idle"]);
    process.signal();
    let (rest, status) = process.end();
    assert!(status.success(), "{rest:#?}");
}

const NOTHING_LEFT: &str = "debug::nothing_is_printed_when_nothing_is_left";

#[test]
fn nothing_is_printed_when_nothing_is_left() {
    if is_child(NOTHING_LEFT) {
        on_context(|_| {
            make_one();
            let task = QioTask::builder().callback(any_end::<()>());
            task.run_in_thread(|_| Ok(())).wait();
        });
        return;
    }
    let (rest, status) = Process::of_test(NOTHING_LEFT, Some("tasks")).end();
    assert!(status.success(), "{rest:#?}");
    assert!(rest.is_empty(), "{rest:#?}");
}

const SETTINGS: &str = "debug::words_and_separators";

/// What the variable makes of the settings, once a task has been made.
#[test]
fn words_and_separators() {
    if is_child(SETTINGS) {
        on_lenient_context(|context| {
            let first = QioTask::builder().callback(any_end::<()>());
            if is_inspecting() {
                let _the_first_is_known = only_task_on(context);
            }
            first.complete(Ok(()));
        });
        let slow = slow_callback_limit().map(|slow| slow.as_millis());
        eprintln!("tasks {}, slow {slow:?}", is_inspecting());
        return;
    }
    for (debug, tasks, slow) in [
        ("tasks", true, None),
        ("slow", false, Some(16)),
        ("slow=5", false, Some(5)),
        ("all", true, Some(16)),
        ("tasks,slow=5", true, Some(5)),
        ("slow=5:tasks", true, Some(5)),
        ("slow=5;tasks", true, Some(5)),
        ("slow=5 tasks", true, Some(5)),
        ("\tslow=5,, tasks,", true, Some(5)),
        ("", false, None),
    ] {
        let (lines, status) = Process::of_test(SETTINGS, Some(debug)).end();
        assert!(status.success(), "{debug:?}: {lines:#?}");
        let last = lines.last().map(String::as_str);
        let expected = format!("tasks {tasks}, slow {slow:?}");
        assert_eq!(last, Some(expected.as_str()), "{debug:?}: {lines:#?}");
    }
}

const UNKNOWN: &str = "debug::an_unknown_word_is_told_of";

#[test]
fn an_unknown_word_is_told_of() {
    if is_child(UNKNOWN) {
        on_lenient_context(|_| make_one());
        eprintln!(
            "tasks {}, slow {:?}",
            is_inspecting(),
            slow_callback_limit()
        );
        return;
    }
    for (debug, word) in [
        ("tasks,taks", "taks"),
        ("slow=soon,tasks", "soon"),
        ("tasks=5", "tasks=5"),
        ("tasks=", "tasks="),
        ("tasks=USR3", "USR3"),
        ("tasks=usr1", "usr1"),
        // None of these can be caught, or means anything else than a fault.
        ("tasks=KILL", "KILL"),
        ("tasks=SIGSTOP", "SIGSTOP"),
        ("tasks=SEGV", "SEGV"),
        ("tasks=RTMIN+99", "RTMIN+99"),
        ("tasks=RTMIN-1", "RTMIN-1"),
        ("tasks=RTMAX+1", "RTMAX+1"),
        ("tasks=RTMIN+", "RTMIN+"),
        ("help=USR1", "help=USR1"),
    ] {
        let process = Process::of_test(UNKNOWN, Some(debug));
        let line = process.line_with(&[word]);
        let (rest, status) = process.end();
        assert!(status.success(), "{rest:#?}");
        let said = line + &rest.join(" ");
        assert!(said.contains("help"), "{said}");
    }
}

const HELP: &str = "debug::help_tells_what_there_is";

#[test]
fn help_tells_what_there_is() {
    if is_child(HELP) {
        on_context(|_| make_one());
        return;
    }
    let (lines, status) = Process::of_test(HELP, Some("help")).end();
    assert!(status.success(), "{lines:#?}");
    let asked_by = if cfg!(windows) {
        "qio-task-N"
    } else {
        "SIGUSR1"
    };
    for word in ["tasks", "slow", "all", asked_by] {
        assert!(lines.iter().any(|line| line.contains(word)), "{lines:#?}");
    }
}

const PROGRAM: &str = "debug::what_the_program_sets_after_its_first_task_holds";

#[test]
fn what_the_program_sets_after_its_first_task_holds() {
    if is_child(PROGRAM) {
        on_lenient_context(|_| {
            make_one();
            qio_task::set_slow_callback_limit(Some(Duration::from_hours(1)));
            set_inspecting(false);
            make_one();
            assert_eq!(slow_callback_limit(), Some(Duration::from_hours(1)));
            assert!(!is_inspecting());
        });
        return;
    }
    let (lines, status) = Process::of_test(PROGRAM, Some("all")).end();
    assert!(status.success(), "{lines:#?}");
}
