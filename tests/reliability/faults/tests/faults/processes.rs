//! Processes that exit, fork and start others while workers are under way.

use std::{
    io::Read,
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use glib::MainContext;
use qio_task::{Error, QioTask};
use rustix::process::{Pid, WaitOptions, waitpid};

use crate::{
    common::{
        PATIENCE, fatal_warnings, gate, in_child_with, is_child, iterate_until, on_context,
        passes_in_child,
    },
    ends::{End, Ends},
    system::{Forked, fork},
};

/// The end of a program that has to end by itself.
#[track_caller]
fn end_of(command: &mut Command) -> Output {
    let mut program = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while program.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            program.kill().unwrap();
            panic!("{command:?} hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
    program.wait_with_output().unwrap()
}

fn leave_main(way: &str) -> Output {
    end_of(Command::new(env!("CARGO_BIN_EXE_faults")).arg(way))
}

/// They are blocked for ever, so if it waited for one this would never end.
#[test]
fn leaving_main_with_a_hundred_blocked_workers() {
    let output = leave_main("blocked");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn leaving_main_as_a_hundred_workers_return() {
    for _ in 0..20 {
        for way in ["returning", "unowned"] {
            let output = leave_main(way);
            assert_eq!(output.status.code(), Some(3), "{output:?}");
            assert!(output.stderr.is_empty(), "{output:?}");
        }
    }
}

#[test]
fn leaving_main_by_a_panic() {
    let output = leave_main("panicking");
    assert_eq!(output.status.code(), Some(101), "{output:?}");
}

const EXIT: &str = "processes::a_worker_that_calls_exit";

#[test]
fn a_worker_that_calls_exit() {
    if !is_child(EXIT) {
        for state in ["waiting", "iterating", "completing", "idle"] {
            for dedicated in ["", "dedicated"] {
                let variables = [("FAULTS_STATE", state), ("FAULTS_THREAD", dedicated)];
                let output = in_child_with(EXIT, &variables);
                assert_eq!(output.status.code(), Some(7), "{state}: {output:?}");
                assert!(output.stderr.is_empty(), "{state}: {output:?}");
            }
        }
        return;
    }
    fatal_warnings();
    let context = MainContext::default();
    let _owner = context.acquire().unwrap();
    // Others are blocked, and others return, all the while.
    let (_blocked, block) = mpsc::channel::<()>();
    let block = Arc::new(std::sync::Mutex::new(block));
    for _ in 0..20 {
        let block = block.clone();
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .run_in_thread(move |_| {
                drop(block.lock().map(|block| block.recv()));
                Ok(())
            });
    }
    let builder = match std::env::var("FAULTS_THREAD").as_deref() {
        Ok("dedicated") => QioTask::builder().dedicated_thread(),
        _ => QioTask::builder(),
    };
    let exiting = builder
        .callback(|_: Result<(), Error>| {})
        .run_in_thread(|_| std::process::exit(7));
    match std::env::var("FAULTS_STATE").unwrap().as_str() {
        "waiting" => exiting.wait(),
        "iterating" => loop {
            context.iteration(true);
        },
        "completing" => loop {
            QioTask::builder()
                .callback(|_: Result<(), Error>| {})
                .run_in_thread(|_| Ok(()))
                .wait();
        },
        _ => loop {
            thread::park();
        },
    }
}

/// Waits for a forked child to end, and returns its exit code.
#[track_caller]
pub fn code_of(child: Pid) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some((_, status)) = waitpid(Some(child), WaitOptions::NOHANG).unwrap() {
            return status.exit_status();
        }
        if start.elapsed() > PATIENCE {
            rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
            panic!("the forked child hangs");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Calls `f` while workers are blocked and others come and go, so that any
/// lock of this library may be held just then.
pub fn amid_workers(f: impl FnOnce()) {
    let is_over = Arc::new(AtomicBool::new(false));
    let churn = thread::spawn({
        let is_over = is_over.clone();
        move || {
            on_context(|context| {
                let mut made = 0;
                let ends = Ends::default();
                while !is_over.load(SeqCst) {
                    for _ in 0..50 {
                        QioTask::builder()
                            .callback(ends.of::<()>(made))
                            .run_in_thread(|_| Ok(()));
                        made += 1;
                    }
                    iterate_until(context, || ends.len() >= made);
                }
                ends.assert_once(made);
                assert_eq!(ends.count(End::Ok), made);
            });
        }
    });
    on_context(|context| {
        let ends = Ends::default();
        let gates: Vec<_> = (0..30)
            .map(|number| {
                let (gate, wait) = gate();
                QioTask::builder()
                    .callback(ends.of::<()>(number))
                    .run_in_thread(move |_| {
                        wait();
                        Ok(())
                    });
                gate.wait_for_arrival();
                gate
            })
            .collect();
        f();
        gates.into_iter().for_each(crate::common::Gate::open);
        ends.wait_for(context, 30);
        assert_eq!(ends.count(End::Ok), 30, "the parent is none the worse");
    });
    is_over.store(true, SeqCst);
    churn.join().unwrap();
}

#[test]
fn a_forked_child_execs() {
    if passes_in_child("processes::a_forked_child_execs") {
        return;
    }
    amid_workers(|| {
        for _ in 0..50 {
            // The new program has none of our descriptors.
            let script = c"! ls -l /proc/self/fd | grep -q eventfd";
            let program = [c"/bin/sh", c"-c", script];
            assert_eq!(code_of(fork(&Forked::Exec(&program))), Some(0));
        }
    });
}

#[test]
fn a_forked_child_exits_at_once() {
    if passes_in_child("processes::a_forked_child_exits_at_once") {
        return;
    }
    amid_workers(|| {
        for _ in 0..50 {
            assert_eq!(code_of(fork(&Forked::ExitAtOnce(9))), Some(9));
        }
    });
}

/// A process that has had no task yet may fork and use the library in both.
#[test]
fn a_child_that_is_forked_before_the_first_task_can_do_everything() {
    if passes_in_child("processes::a_child_that_is_forked_before_the_first_task_can_do_everything")
    {
        return;
    }
    let work = || {
        on_context(|context| {
            let ends = Ends::default();
            for number in 0..100 {
                QioTask::builder()
                    .callback(ends.of::<()>(number))
                    .run_in_thread(|_| Ok(()));
            }
            ends.wait_for(context, 100);
            i32::from(ends.count(End::Ok) != 100)
        })
    };
    let child = fork(&Forked::Call(&|| {
        std::panic::catch_unwind(work).unwrap_or(101)
    }));
    assert_eq!(work(), 0);
    assert_eq!(code_of(child), Some(0));
}

#[test]
fn programs_are_started_while_workers_run() {
    if passes_in_child("processes::programs_are_started_while_workers_run") {
        return;
    }
    amid_workers(|| {
        for _ in 0..30 {
            // Through posix_spawn(3), with pipes.
            let output = Command::new("/bin/echo").arg("here").output().unwrap();
            assert_eq!(output.stdout, b"here\n");
        }
        on_context(|context| {
            let ends = Ends::default();
            for number in 0..30 {
                QioTask::builder()
                    .callback(ends.of::<()>(number))
                    .run_in_thread(|_| {
                        let mut program = Command::new("/bin/cat");
                        program.stdin(Stdio::piped()).stdout(Stdio::piped());
                        let mut program = program.spawn().expect("it starts");
                        drop(program.stdin.take());
                        // Ends when no other child keeps its input open.
                        let mut said = String::new();
                        let mut from = program.stdout.take().expect("piped");
                        from.read_to_string(&mut said).expect("it ends");
                        assert!(program.wait().expect("it is ours").success());
                        Ok(())
                    });
            }
            ends.wait_for(context, 30);
            assert_eq!(ends.count(End::Ok), 30);
        });
    });
}
