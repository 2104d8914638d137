//! *inline*: make a task with a source object, complete it on its own thread.
//!
//! In batches of `--n` tasks, from before the first is made until the last
//! callback has been called. `per_task_ns` is what it costs to make and complete
//! each at once, in one dispatch of the main loop. `GTask` never calls back in
//! the iteration that made the task, but from an idle source; so there is also
//! `apart_ns`, where small batches are made in one dispatch and completed in the
//! next, which is the best that `GTask` can do.

use std::{cell::Cell, hint::black_box, time::Instant};

use gio::SimpleAction;
use glib::Priority;

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Inline,
    stats::{count, median, nanos},
};

const BATCH: usize = 10_000;
const REPEAT: usize = 31;
/// So few that what was made is still in the cache when it is completed.
const APART: usize = 100;

pub fn run<C: Inline>(size: &Size) -> anyhow::Result<Values> {
    let (tasks, batches) = (size.n_or(BATCH), size.repeat_or(REPEAT));
    Ok(vec![
        ("per_task_ns", of_batches(tasks, batches, at_once::<C>)),
        (
            "apart_ns",
            of_batches(tasks.min(APART), batches * 10, apart::<C>),
        ),
    ])
}

/// The median of what `batch` says of so many tasks, after some that warm up.
fn of_batches(tasks: usize, batches: usize, batch: fn(usize) -> f64) -> f64 {
    for _ in 0..batches.div_ceil(10) {
        batch(tasks);
    }
    let mut values: Vec<f64> = (0..batches).map(|_| batch(tasks) / count(tasks)).collect();
    median(&mut values)
}

fn at_once<C: Inline>(tasks: usize) -> f64 {
    app::run(move |finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let source = SimpleAction::new("source", None);
        let begun = Instant::now();
        for _ in 0..tasks {
            C::complete_here(C::make_about(black_box(&source), move |source| {
                black_box(source);
                if countdown.is_over() {
                    finish.with(nanos(begun.elapsed()));
                }
            }));
        }
    })
}

fn apart<C: Inline>(tasks: usize) -> f64 {
    app::run(move |finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let (begun, making) = (leak(Cell::new(Instant::now())), leak(Cell::new(0.0)));
        let source = SimpleAction::new("source", None);
        let mut made = Vec::with_capacity(tasks);
        begun.set(Instant::now());
        for _ in 0..tasks {
            made.push(C::make_about(black_box(&source), move |source| {
                black_box(source);
                if countdown.is_over() {
                    finish.with(making.get() + nanos(begun.get().elapsed()));
                }
            }));
        }
        making.set(nanos(begun.get().elapsed()));
        app::soon(Priority::DEFAULT, move || {
            begun.set(Instant::now());
            made.into_iter().for_each(C::complete_here);
        });
    })
}
