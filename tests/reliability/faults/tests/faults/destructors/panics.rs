//! A destructor panics. Where a callback's panic would unwind to the caller, so
//! does this; a worker's is its result; and where nobody is to hear of it, it
//! is dropped. In the loop, or in an object, it ends the process as in gtk-rs.

use std::{
    os::unix::process::ExitStatusExt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering::SeqCst,
};

use gio::prelude::*;
use glib::MainContext;
use qio_task::QioTask;

use super::{Bombed, Deed, OWN, World};
use crate::{
    common::{gate, in_child_with, is_child, iterate, iterate_until, on_context, passes_in_child},
    ends::End,
    system::{allow_threads, refuse_threads},
};

#[track_caller]
fn unwinds(f: impl FnOnce()) {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("the panic comes here");
    assert_eq!(panic.downcast_ref(), Some(&"a destructor"));
}

fn in_a_world(test: impl Fn(&World)) {
    on_context(|context| {
        let world = World::new(Deed::Panic, context);
        test(&world);
        world.assert_over("a panic");
    });
}

#[test]
fn of_a_capture_unwinds_to_who_completes() {
    in_a_world(|world| {
        let task = world.builder().callback(world.dropping(world.bomb()));
        unwinds(|| task.complete(Ok(())));
    });
    in_a_world(|world| {
        let task = QioTask::builder().callback(world.dropping(world.bomb()));
        unwinds(|| task.complete(Ok(())));
    });
}

#[test]
fn of_a_capture_unwinds_to_who_waits() {
    in_a_world(|world| {
        let task = world.builder().callback(world.dropping(world.bomb()));
        let running = task.run_in_thread(|_| Ok(()));
        unwinds(|| running.wait());
    });
}

#[test]
fn of_a_result_that_comes_too_late_is_not_heard() {
    in_a_world(|world| {
        let task = world.builder().callback(world.ends.of(OWN));
        world.own.cancel();
        iterate_until(&world.context, || world.ends.count(End::Cancelled) == 1);
        task.complete(Ok(world.bomb()));
    });
    in_a_world(|world| {
        let (gate, wait) = gate();
        let bomb = world.bomb();
        let task = world.builder().callback(world.ends.of(OWN));
        let running = task.run_in_thread(|_| {
            wait();
            Ok(bomb)
        });
        gate.wait_for_arrival();
        world.own.cancel();
        gate.open();
        running.wait();
    });
    in_a_world(|world| {
        let task = world.builder().callback(world.ends.of(OWN));
        task.complete_in_idle(Ok(world.bomb()));
        world.own.cancel();
    });
}

#[test]
fn of_a_worker_is_its_result() {
    in_a_world(|world| {
        let bomb = world.bomb();
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.run_in_thread(move |_| {
            let _bomb = bomb;
            Ok(())
        });
        iterate_until(&world.context, || world.ends.count(End::Panicked) == 1);
    });
}

#[test]
fn of_what_a_worker_panics_with_is_not_heard() {
    in_a_world(|world| {
        let bomb = world.bomb();
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.run_in_thread(move |_| std::panic::resume_unwind(Box::new(bomb)));
        iterate_until(&world.context, || world.ends.count(End::Panicked) == 1);
    });
}

#[test]
fn of_a_worker_that_never_runs_is_not_heard() {
    in_a_world(|world| {
        let bomb = world.bomb();
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        world.own.cancel();
        task.run_in_thread(move |_| {
            let _bomb = bomb;
            Ok(())
        });
        iterate_until(&world.context, || world.ends.count(End::Cancelled) == 1);
    });
}

#[test]
fn of_a_worker_that_is_refused_a_thread_is_not_heard() {
    if passes_in_child("destructors::panics::of_a_worker_that_is_refused_a_thread_is_not_heard") {
        return;
    }
    on_context(|_| QioTask::<()>::new(&gio::Cancellable::new(), |_, _| {}).complete(Ok(())));
    refuse_threads(|_| true);
    on_context(|context| {
        let world = World::new(Deed::Panic, context);
        let bomb = world.bomb();
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.run_in_thread(move |_| {
            let _bomb = bomb;
            Ok(())
        });
        iterate_until(context, || world.ends.count(End::Spawn) == 1);
        world.ends.take();
        world.ends.push(OWN, End::Ok);
        world.ends.push(super::ANOTHER, End::Ok);
        world.assert_over("a worker that is refused a thread");
    });
    allow_threads();
}

#[test]
fn of_what_comes_home_late_is_not_heard() {
    in_a_world(|world| {
        let dying = MainContext::new();
        let bomb = world.bomb();
        dying
            .with_thread_default(|| {
                let task = QioTask::builder().callback(world.dropping(bomb));
                task.complete_in_idle(Ok(()));
            })
            .unwrap();
        std::thread::spawn(move || drop(dying)).join().unwrap();
        QioTask::<()>::new(&gio::Cancellable::new(), |_, _| {}).complete(Ok(()));
        assert_eq!(world.done.load(SeqCst), 1);
        world.ends.push(OWN, End::Abandoned);
    });
}

const PROCESS: &str = "destructors::panics::in_the_loop_or_in_c_ends_the_process";

/// As it does of any callback or object of gtk-rs: no panic passes C.
#[test]
fn in_the_loop_or_in_c_ends_the_process() {
    const PLACES: [&str; 3] = ["a capture", "a source", "a context"];
    if !is_child(PROCESS) {
        for place in PLACES {
            let output = in_child_with(PROCESS, &[("FAULTS_PLACE", place)]);
            assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
        }
        return;
    }
    on_context(|context| {
        let world = World::new(Deed::Panic, context);
        let bomb = world.bomb();
        match std::env::var("FAULTS_PLACE").unwrap().as_str() {
            "a capture" => {
                let task = world.builder().callback(world.dropping(bomb));
                task.complete_in_idle(Ok(()));
            }
            "a source" => drop(Bombed::new(bomb)),
            _ => {
                let dying = MainContext::new();
                let leave = || {
                    let task = QioTask::builder().callback(world.dropping(bomb));
                    task.complete_in_idle(Ok(()));
                };
                dying.with_thread_default(leave).unwrap();
            }
        }
        iterate(context);
    });
}
