//! In tasks that end while their context lives.

use std::{ops::ControlFlow, thread, time::Duration};

use gio::prelude::*;
use glib::MainContext;
use qio_task::{Progress, QioTask};

use super::{Bomb, Bombed, DEEDS, OWN, World};
use crate::{
    common::{gate, iterate_until, on_context},
    ends::End,
};

/// Ends the world's own task so that the bomb is dropped.
type Place = fn(&World, Bomb);

const PLACES: [(&str, Place); 18] = [
    ("a capture, inline", |world, bomb| {
        world
            .builder()
            .callback(world.dropping(bomb))
            .complete(Ok(()));
    }),
    ("a capture of a task that nobody controls", |world, bomb| {
        QioTask::builder()
            .callback(world.dropping(bomb))
            .complete(Ok(()));
    }),
    ("a capture, in the loop", |world, bomb| {
        world
            .builder()
            .callback(world.dropping(bomb))
            .complete_in_idle(Ok(()));
    }),
    ("a capture, as it is waited for", |world, bomb| {
        let task = world.builder().callback(world.dropping(bomb));
        task.run_in_thread(|_| Ok(())).wait();
    }),
    ("a capture of a task that is abandoned", |world, bomb| {
        drop(world.builder().callback(world.dropping::<()>(bomb)));
    }),
    ("a capture on any thread", |world, bomb| {
        let note = world.ends.of::<()>(OWN);
        let builder = world.builder();
        let task = builder.callback_on(&world.context, move |result| {
            let _bomb = bomb;
            note(result);
        });
        thread::spawn(move || task.complete(Ok(()))).join().unwrap();
    }),
    ("a source, inline", |world, bomb| {
        let note = world.ends.of::<()>(OWN);
        let builder = world.builder().source(&Bombed::new(bomb));
        builder.callback(|_, result| note(result)).complete(Ok(()));
    }),
    ("a source, in the loop", |world, bomb| {
        let note = world.ends.of::<()>(OWN);
        let builder = world.builder().source(&Bombed::new(bomb));
        builder
            .callback(|_, result| note(result))
            .complete_in_idle(Ok(()));
    }),
    ("a result that gave way", |world, bomb| {
        let task = world.builder().callback(world.ends.of(OWN));
        task.complete_in_idle(Ok(bomb));
        world.own.cancel();
    }),
    ("a result of a worker that came too late", |world, bomb| {
        let (gate, wait) = gate();
        let task = world.builder().callback(world.ends.of(OWN));
        task.run_in_thread(|_| {
            wait();
            Ok(bomb)
        });
        gate.wait_for_arrival();
        world.own.cancel();
        iterate_until(&world.context, || world.ends.count(End::Cancelled) == 1);
        gate.open();
    }),
    ("a result that is waited for too late", |world, bomb| {
        let (gate, wait) = gate();
        let task = world.builder().callback(world.ends.of(OWN));
        let running = task.run_in_thread(|_| {
            wait();
            Ok(bomb)
        });
        gate.wait_for_arrival();
        world.own.cancel();
        gate.open();
        running.wait();
    }),
    ("a result by hand that came too late", |world, bomb| {
        let task = world.builder().callback(world.ends.of(OWN));
        world.own.cancel();
        iterate_until(&world.context, || world.ends.count(End::Cancelled) == 1);
        task.complete(Ok(bomb));
    }),
    (
        "a result from elsewhere that came too late",
        |world, bomb| {
            let task = world.builder().callback(world.ends.of(OWN));
            world.own.cancel();
            iterate_until(&world.context, || world.ends.count(End::Cancelled) == 1);
            thread::spawn(move || task.complete(Ok(bomb)))
                .join()
                .unwrap();
        },
    ),
    ("a worker", |world, bomb| {
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.run_in_thread(move |_| {
            let _bomb = bomb;
            Ok(())
        });
    }),
    ("a worker that never runs", |world, bomb| {
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        world.own.cancel();
        task.run_in_thread(move |_| {
            let _bomb = bomb;
            unreachable!("it was cancelled before");
        });
    }),
    ("what a worker panics with", |world, bomb| {
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.run_in_thread(move |_| std::panic::resume_unwind(Box::new(bomb)));
    }),
    ("what drives a task", |world, bomb| {
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.poll_every(Duration::from_millis(1), move || {
            let _ = &bomb;
            ControlFlow::Break(Ok(()))
        });
    }),
    ("what progress is reported to", |world, bomb| {
        let progress = Progress::new(move |()| {
            let _ = &bomb;
        });
        let task = world.builder().callback(world.ends.of::<()>(OWN));
        task.run_in_thread(move |_| {
            progress.report(());
            Ok(())
        });
    }),
];

#[test]
fn every_deed_at_every_place() {
    for (name, place) in PLACES {
        for deed in DEEDS {
            on_context(|context: &MainContext| {
                let world = World::new(deed, context);
                let bomb = world.bomb();
                place(&world, bomb);
                world.assert_over(name);
            });
        }
    }
}

/// A future is dropped with a result that nobody has awaited.
#[test]
fn every_deed_in_a_result_that_nobody_awaits() {
    for deed in DEEDS {
        on_context(|context| {
            let world = World::new(deed, context);
            let (task, future) = world.builder().future();
            task.complete(Ok::<_, glib::Error>(world.bomb()));
            drop(future);
            world.ends.push(OWN, End::Ok);
            world.assert_over("a result that nobody awaits");

            let world = World::new(deed, context);
            let (task, future) = world.builder().future();
            drop(future);
            task.complete(Ok::<_, glib::Error>(world.bomb()));
            world.ends.push(OWN, End::Cancelled);
            world.assert_over("a result that nobody awaits any more");
        });
    }
}
