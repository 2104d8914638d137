//! No descriptor is left: the first task of a context is refused on the caller's
//! line, and nothing that was there before is disturbed.
//!
//! Stronger than the contract's `misuse::no_descriptor_left`: every way to make
//! a task, what becomes of what it was given, and what goes on meanwhile.

use std::{
    fs,
    ops::ControlFlow,
    os::{fd::AsRawFd, unix::process::ExitStatusExt},
    thread,
    time::Duration,
};

use gio::prelude::*;
use glib::{IOCondition, MainContext, Priority};
use qio_task::{Error, Progress, QioTask};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{
    common::{
        Dropped, Log, count, fatal_warnings, gate, in_child, is_child, iterate_until, on_context,
        panics::panic_of, passes_in_child,
    },
    ends::{End, Ends},
};

/// Lets the process open no descriptor whose number is not below `limit`.
fn limit_to(limit: u64) -> Rlimit {
    let before = getrlimit(Resource::Nofile);
    let limited = Rlimit {
        current: Some(limit),
        maximum: before.maximum,
    };
    setrlimit(Resource::Nofile, limited).unwrap();
    before
}

/// Calls `f` when all descriptors are in use. (Were the limit itself lower than
/// their number, the system would refuse to poll them, too.)
fn without_descriptors<R>(f: impl FnOnce() -> R) -> R {
    let before = limit_to(descriptors() as u64 + 20);
    let mut taken = Vec::new();
    let refused = loop {
        match fs::File::open("/dev/null") {
            Ok(file) => taken.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.raw_os_error(), Some(libc::EMFILE));
    let result = f();
    setrlimit(Resource::Nofile, before).unwrap();
    result
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// On either backend all of this thread's own descriptors are there then.
fn start_glib() {
    on_context(|_| {
        QioTask::builder()
            .callback(|_: Result<(), Error>| {})
            .complete(Ok(()));
    });
}

#[test]
fn every_way_to_make_the_first_task_is_refused_and_nothing_is_lost() {
    if passes_in_child(
        "descriptors::every_way_to_make_the_first_task_is_refused_and_nothing_is_lost",
    ) {
        return;
    }
    start_glib();
    on_context(|context| {
        let (captured, dropped) = Dropped::here();
        let captured = std::rc::Rc::new(captured);
        let kept = || {
            let captured = captured.clone();
            move || drop(captured)
        };
        let (for_worker, worker_dropped) = Dropped::here();
        let source = gio::Cancellable::new();
        let cancellable = gio::Cancellable::new();
        let messages = without_descriptors(|| {
            [
                panic_of(|| {
                    let kept = kept();
                    drop(QioTask::builder().callback(move |_: Result<(), Error>| kept()));
                }),
                panic_of(|| {
                    let kept = kept();
                    drop(QioTask::<()>::new(&source, move |_, _| kept()));
                }),
                panic_of(|| {
                    let kept = kept();
                    let builder = QioTask::builder().source(&source);
                    drop(builder.callback(move |_, _: Result<(), Error>| kept()));
                }),
                panic_of(|| {
                    let builder = QioTask::builder().name("all").cancellable(&cancellable);
                    let builder = builder.timeout(Duration::from_millis(1));
                    let kept = kept();
                    drop(builder.callback(move |_: Result<(), Error>| kept()));
                }),
                panic_of(|| drop(QioTask::builder().future::<(), Error>())),
                panic_of(|| drop(QioTask::builder().source(&source).future::<(), Error>())),
                panic_of(|| {
                    drop(QioTask::builder().callback_on(context, |_: Result<(), Error>| {}));
                }),
                panic_of(|| {
                    drop(qio_task::spawn_blocking(move |_| {
                        drop(for_worker);
                        Ok::<_, Error>(())
                    }));
                }),
                panic_of(|| {
                    let kept = kept();
                    let mut kept = Some(kept);
                    drop(Progress::new(move |(): ()| kept.take().unwrap()()));
                }),
            ]
        });
        for message in messages {
            assert!(message.contains("no descriptor is left"), "{message}");
        }
        // Dropped, and not kept for a callback that never comes.
        assert_eq!(std::rc::Rc::strong_count(&captured), 1);
        drop(captured);
        assert_eq!((count(&dropped), count(&worker_dropped)), (1, 1));
        assert_eq!((source.ref_count(), cancellable.ref_count()), (1, 1));
        cancellable.cancel();

        // The same context is as good as new.
        let ends = Ends::default();
        QioTask::builder()
            .callback(ends.of::<()>(0))
            .run_in_thread(|_| Ok(()));
        ends.wait_for(context, 1);
        assert_eq!(ends.take(), [End::Ok]);
    });
}

#[test]
fn what_is_there_goes_on() {
    if passes_in_child("descriptors::what_is_there_goes_on") {
        return;
    }
    start_glib();
    on_context(|context| {
        let ends = Ends::default();
        let make = |number| QioTask::builder().callback(ends.of::<()>(number));
        make(0).complete(Ok(()));
        let (mut reader, mut writer) = std::io::pipe().unwrap();
        without_descriptors(|| {
            QioTask::builder()
                .priority(Priority::HIGH)
                .callback(ends.of::<()>(10))
                .complete_in_idle(Ok(()));
            make(1).complete(Ok(()));
            make(2).complete_in_idle(Ok(()));
            drop(make(3));
            let (gate, wait) = gate();
            let busy = make(4).run_in_thread(move |worker| {
                wait();
                worker.check_cancelled().map_err(glib::Error::from)
            });
            gate.wait_for_arrival();
            busy.cancel();
            gate.open();
            busy.wait();
            QioTask::builder()
                .timeout(Duration::from_millis(1))
                .callback(ends.of::<()>(5))
                .poll_every(Duration::from_hours(1), || ControlFlow::Continue(()));
            let reported = Log::new();
            make(6).run_in_thread(|_| Ok(())).wait();
            let number = reader.as_raw_fd();
            make(7).watch_fd(number, IOCondition::IN, |_| ControlFlow::Break(Ok(())));
            std::io::Write::write_all(&mut writer, b"!").unwrap();
            let task = QioTask::builder().callback_on(context, ends.of::<()>(8));
            thread::spawn(move || task.complete(Ok(()))).join().unwrap();
            let progress = Progress::new({
                let reported = reported.clone();
                move |value| reported.push(value)
            });
            make(9).run_in_thread(move |_| {
                progress.report(9);
                Ok(())
            });
            ends.wait_for(context, 11);
            assert_eq!(reported.take(), [9]);
        });
        assert_eq!(ends.count(End::Ok), 8);
        assert_eq!(ends.count(End::Abandoned), 1);
        assert_eq!(ends.count(End::Cancelled), 1);
        assert_eq!(ends.count(End::TimedOut), 1);
        std::io::Read::read_exact(&mut reader, &mut [0]).unwrap();
    });
}

#[test]
fn a_context_takes_one_for_any_number_of_priorities() {
    const PRIORITIES: i32 = 250;
    const NAME: &str = "descriptors::a_context_takes_one_for_any_number_of_priorities";
    if passes_in_child(NAME) {
        return;
    }
    start_glib();
    on_context(|context| {
        let ends = Ends::default();
        let before = descriptors();
        for priority in 0..PRIORITIES {
            let number = usize::try_from(priority).unwrap();
            QioTask::builder()
                .priority(Priority::from(priority - PRIORITIES / 2))
                .callback(ends.of::<()>(number))
                .run_in_thread(|_| Ok(()));
        }
        assert_eq!(descriptors(), before + 1);
        ends.wait_for(context, PRIORITIES as usize);
    });
}

#[test]
fn contexts_until_none_is_left_and_again() {
    const NAME: &str = "descriptors::contexts_until_none_is_left_and_again";
    if passes_in_child(NAME) {
        return;
    }
    start_glib();
    let before = descriptors();
    for _ in 0..3 {
        let contexts: Vec<_> = (0..40).map(|_| MainContext::new()).collect();
        let limits = limit_to(descriptors() as u64 + 30);
        let ends = Ends::default();
        let mut made = 0;
        let mut refused = 0;
        for context in &contexts {
            let first_task = std::panic::AssertUnwindSafe(|| {
                QioTask::builder().callback_on(context, ends.of::<()>(made))
            });
            match std::panic::catch_unwind(first_task) {
                Ok(task) => {
                    made += 1;
                    task.run_in_thread(|_| Ok(()));
                }
                Err(_) => refused += 1,
            }
        }
        assert!(
            made > 20 && refused > 5,
            "{made} were made, {refused} refused"
        );
        iterate_until(&contexts[0], || {
            contexts[1..].iter().for_each(crate::common::iterate);
            ends.len() == made
        });
        ends.assert_once(made);
        setrlimit(Resource::Nofile, limits).unwrap();
    }
    // They come back with their contexts, as the last worker has let go.
    while descriptors() > before {
        thread::yield_now();
    }
}

const FIRST: &str = "descriptors::the_first_task_of_a_thread";

/// The README: GLib ends the process "when no descriptor is left for the
/// context that the first task on each thread makes".
#[test]
fn the_first_task_of_a_thread() {
    if is_child(FIRST) {
        fatal_warnings();
        let context = MainContext::new();
        let done = context.with_thread_default(|| {
            let ends = Ends::default();
            // The descriptor of the context's own queue is there.
            drop(QioTask::builder().callback_on(&context, |_: Result<(), Error>| {}));
            let end = ends.of::<()>(0);
            without_descriptors(|| QioTask::builder().callback(end).complete(Ok(())));
            ends.assert_once(1);
        });
        done.unwrap();
        return;
    }
    let output = in_child(FIRST);
    if cfg!(feature = "gtask") {
        assert!(output.status.signal().is_some(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("Creating pipes for GWakeup"), "{said}");
    } else {
        assert!(output.status.success(), "{output:?}");
    }
}
