//! No descriptor is left: a context that nothing can wake is looked at now and then, and
//! nothing is refused, lost or disturbed.

use std::{fs, ops::ControlFlow, os::fd::AsRawFd, thread, time::Duration};

use gio::prelude::*;
use glib::{IOCondition, MainContext, Priority};
use qio_task::{Error, Progress, QioTask};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{
    common::{Log, fatal_warnings, gate, iterate_until, on_context, passes_in_child},
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
fn every_way_to_make_the_first_task_works() {
    if passes_in_child("descriptors::every_way_to_make_the_first_task_works") {
        return;
    }
    start_glib();
    on_context(|context| {
        let ends = Ends::default();
        let source = gio::Cancellable::new();
        let cancellable = gio::Cancellable::new();
        let reported = Log::new();
        without_descriptors(|| {
            let progress = Progress::new({
                let reported = reported.clone();
                move |value| reported.push(value)
            });
            QioTask::builder()
                .callback(ends.of::<()>(0))
                .run_in_thread(move |_| {
                    progress.report(7);
                    Ok(())
                });
            let end = ends.of::<()>(1);
            QioTask::new(&source, move |_, result| end(result)).complete_in_idle(Ok(()));
            let task = QioTask::builder()
                .name("all")
                .cancellable(&cancellable)
                .timeout(Duration::from_hours(1))
                .callback(ends.of::<()>(2));
            cancellable.cancel();
            drop(task);
            let task = QioTask::builder().callback_on(context, ends.of::<()>(3));
            thread::spawn(move || task.complete(Ok(()))).join().unwrap();
            QioTask::builder()
                .timeout(Duration::from_millis(1))
                .callback(ends.of::<()>(4))
                .poll_every(Duration::from_hours(1), || ControlFlow::Continue(()));
            let future = qio_task::spawn_blocking(|_| Ok::<_, Error>(7));
            assert_eq!(context.block_on(future).unwrap(), 7);
            ends.wait_for(context, 5);
        });
        assert_eq!(reported.take(), [7]);
        assert_eq!(ends.count(End::Ok), 3);
        assert_eq!(ends.count(End::Cancelled), 1);
        assert_eq!(ends.count(End::TimedOut), 1);
        drop(cancellable);
        assert_eq!(source.ref_count(), 1);
    });
}

/// A loop that sleeps is not woken then, but looks by itself. Once there is a descriptor, it is
/// woken again.
#[test]
fn a_context_gets_one_as_soon_as_one_is_left() {
    if passes_in_child("descriptors::a_context_gets_one_as_soon_as_one_is_left") {
        return;
    }
    start_glib();
    on_context(|context| {
        let foreign = |number, ends: &Ends| {
            let task = QioTask::builder().callback_on(context, ends.of::<()>(number));
            let (gate, wait) = gate();
            let thread = thread::spawn(move || {
                wait();
                task.complete(Ok(()));
            });
            gate.wait_for_arrival();
            (gate, thread)
        };
        let ends = Ends::default();
        let before = descriptors();
        without_descriptors(|| {
            let (gate, thread) = foreign(0, &ends);
            gate.open();
            while ends.len() < 1 {
                context.iteration(true);
            }
            thread.join().unwrap();
        });
        assert_eq!(descriptors(), before);
        let (gate, thread) = foreign(1, &ends);
        gate.open();
        while ends.len() < 2 {
            context.iteration(true);
        }
        thread.join().unwrap();
        assert_eq!(descriptors(), before + 1);
        ends.assert_once(2);
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
        for (number, context) in contexts.iter().enumerate() {
            QioTask::builder()
                .callback_on(context, ends.of::<()>(number))
                .run_in_thread(|_| Ok(()));
        }
        iterate_until(&contexts[0], || {
            contexts[1..].iter().for_each(crate::common::iterate);
            ends.len() == contexts.len()
        });
        ends.assert_once(contexts.len());
        setrlimit(Resource::Nofile, limits).unwrap();
    }
    // They come back with their contexts, as the last worker has let go.
    while descriptors() > before {
        thread::yield_now();
    }
}

/// With `gtask` it takes a context besides, which GLib can't make then.
#[test]
fn the_first_task_of_a_thread() {
    if passes_in_child("descriptors::the_first_task_of_a_thread") {
        return;
    }
    fatal_warnings();
    // With the first `GTask` of a process GLib makes a context of its own besides.
    thread::spawn(start_glib).join().unwrap();
    let context = MainContext::new();
    let done = context.with_thread_default(|| {
        let ends = Ends::default();
        without_descriptors(|| {
            for number in 0..2 {
                let task = QioTask::builder().callback(ends.of::<()>(number));
                task.complete(Ok(()));
            }
        });
        ends.assert_once(2);
        QioTask::builder()
            .callback(ends.of::<()>(2))
            .complete(Ok(()));
        ends.assert_once(3);
    });
    done.unwrap();
}
