//! *cancel*: how long a task takes to end whose worker goes on, from the call
//! that cancels it until its callback; and what a task costs of `--n` that wait
//! for one cancellable, from the call that cancels it until the last callback.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::ensure;
use gio::prelude::*;
use glib::{ControlFlow, Priority};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, Finish, leak},
    contestants::{Cancel, Spawn},
    gate,
    stats::{count, median, nanos},
};

const TASKS: usize = 100_000;
const REPEAT: usize = 300;
/// Those whose worker is told end by themselves soon, and those of the second
/// part never run.
const THREADS: usize = 4;
/// How often a worker looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(1);

pub fn run<C: Cancel + Spawn>(size: &Size) -> anyhow::Result<Values> {
    C::set_max_threads(THREADS)?;
    let mut latencies = (0..size.repeat_or(REPEAT))
        .map(|_| latency::<C>())
        .collect::<anyhow::Result<Vec<f64>>>()?;
    Ok(vec![
        ("latency_ns", median(&mut latencies)),
        ("fanout_per_task_ns", fan_out::<C>(size.n_or(TASKS))?),
    ])
}

/// Cancels one task from the main loop, while its worker sleeps.
fn latency<C: Cancel>() -> anyhow::Result<f64> {
    let (elapsed, cancelled) = app::run(|finish: Finish<(f64, bool)>| {
        let begun = leak(std::cell::Cell::new(Instant::now()));
        let busy = Arc::new(AtomicBool::new(false));
        let task = C::run(
            {
                let busy = busy.clone();
                move |is_cancelled| {
                    while !is_cancelled() {
                        busy.store(true, Ordering::Relaxed);
                        thread::sleep(LOOK);
                    }
                }
            },
            move |cancelled| finish.with((nanos(begun.get().elapsed()), cancelled)),
        );
        glib::timeout_add_local(LOOK, move || {
            if !busy.load(Ordering::Relaxed) {
                return ControlFlow::Continue;
            }
            begun.set(Instant::now());
            C::cancel(&task);
            ControlFlow::Break
        });
    });
    ensure!(cancelled, "a task that was cancelled did not say so");
    Ok(elapsed)
}

/// Cancels many tasks at once, in a dispatch after the one that made them.
fn fan_out<C: Cancel>(tasks: usize) -> anyhow::Result<f64> {
    let (elapsed, cancelled) = app::run(move |finish: Finish<(f64, usize)>| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let begun = leak(std::cell::Cell::new(Instant::now()));
        let number = leak(std::cell::Cell::new(0));
        let cancellable = gio::Cancellable::new();
        // They are held for the program's life: dropping them is not measured.
        leak(
            (0..tasks)
                .map(|_| {
                    C::wait_on(&cancellable, gate::block, |cancelled| {
                        number.set(number.get() + usize::from(cancelled));
                        if countdown.is_over() {
                            finish.with((nanos(begun.get().elapsed()), number.get()));
                        }
                    })
                })
                .collect::<Vec<_>>(),
        );
        app::soon(Priority::LOW, move || {
            begun.set(Instant::now());
            cancellable.cancel();
        });
    });
    ensure!(
        cancelled == tasks,
        "{} tasks that were cancelled did not say so",
        tasks - cancelled
    );
    Ok(elapsed / count(tasks))
}
