//! In tasks whose context dies: on its thread, and on another one.

use std::{ops::ControlFlow, thread, time::Duration};

use glib::MainContext;
use qio_task::{Progress, QioTask};

use super::{Bomb, Bombed, DEEDS, OWN, World};
use crate::{
    common::{Gate, fatal_warnings, gate, on_context},
    ends::End,
};

/// Leaves the bomb with a task of this thread's default context.
type Place = fn(&World, Bomb) -> Option<Gate>;

const PLACES: [(&str, Place); 8] = [
    ("a capture of one that is queued", |world, bomb| {
        let task = QioTask::builder().callback(world.dropping(bomb));
        task.complete_in_idle(Ok(()));
        None
    }),
    ("a capture of one that is controlled", |world, bomb| {
        let task = world.builder().callback(world.dropping(bomb));
        task.complete_in_idle(Ok(()));
        None
    }),
    ("a source", |world, bomb| {
        let note = world.ends.of::<()>(OWN);
        let builder = world.builder().source(&Bombed::new(bomb));
        let task = builder.callback(|_, result| note(result));
        task.complete_in_idle(Ok(()));
        None
    }),
    ("a result", |world, bomb| {
        let task = QioTask::builder().callback(world.ends.of(OWN));
        task.complete_in_idle(Ok(bomb));
        None
    }),
    ("a result that is controlled", |world, bomb| {
        let task = world.builder().callback(world.ends.of(OWN));
        task.complete_in_idle(Ok(bomb));
        None
    }),
    ("a result that comes later", |world, bomb| {
        let (gate, wait) = gate();
        let task = world.builder().callback(world.ends.of(OWN));
        task.run_in_thread(|_| {
            wait();
            Ok(bomb)
        });
        gate.wait_for_arrival();
        Some(gate)
    }),
    ("what drives a task", |world, bomb| {
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.poll_every(Duration::from_hours(1), move || {
            let _ = &bomb;
            ControlFlow::Continue(())
        });
        None
    }),
    ("what progress is reported to", |_, bomb| {
        let progress = Progress::new(move |()| {
            let _ = &bomb;
        });
        progress.report(());
        None
    }),
];

/// Does every deed at every place of a context that `end` drops.
fn everywhere(is_skipped: impl Fn(&str) -> bool, end: impl Fn(MainContext)) {
    fatal_warnings();
    for (name, place) in PLACES {
        if is_skipped(name) {
            continue;
        }
        for deed in DEEDS {
            on_context(|alive| {
                let world = World::new(deed, alive);
                let bomb = world.bomb();
                let dying = MainContext::new();
                let gate = dying.with_thread_default(|| place(&world, bomb)).unwrap();
                end(dying);
                if let Some(gate) = gate {
                    gate.open();
                }
                // What came home from elsewhere is dropped as this thread
                // next uses the library.
                while world.done.load(std::sync::atomic::Ordering::SeqCst) == 0 {
                    on_context(|_| {
                        QioTask::<()>::new(&gio::Cancellable::new(), |_, _| {}).complete(Ok(()));
                    });
                    thread::yield_now();
                }
                assert_eq!(world.ends.count(End::Failed), 0);
                // Its callback is never called.
                world.ends.push(OWN, End::Abandoned);
                world.assert_over(name);
            });
        }
    }
}

#[test]
fn every_deed_as_a_context_dies() {
    everywhere(|_| false, drop);
}

#[test]
fn every_deed_as_a_context_dies_elsewhere() {
    // A driven task is leaked then, with a warning: see `ended_thread`.
    everywhere(
        |place| place == "what drives a task",
        |dying| thread::spawn(move || drop(dying)).join().unwrap(),
    );
}
