//! *inline*: make a task with a source object, complete it on its own thread.
//!
//! In batches of `--n` tasks, each in a dispatch of its own, from before the
//! first is made until the last callback has been called. A contestant that
//! defers the callbacks has them called in the same iteration or the next.

use std::{hint::black_box, time::Instant};

use gio::SimpleAction;
use glib::Priority;

use super::{Size, Values};
use crate::{
    app::{self, Countdown, Finish, leak},
    contestants::Inline,
    stats::{count, median, nanos},
};

const BATCH: usize = 10_000;
const REPEAT: usize = 31;

pub fn run<C: Inline>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(BATCH);
    let batches = size.repeat_or(REPEAT);
    let mut values = app::run(move |finish| {
        let source = SimpleAction::new("source", None);
        // One batch more, whose time is thrown away: it warms up.
        batch::<C>(source, tasks, batches + 1, Vec::new(), finish);
    });
    values.remove(0);
    Ok(vec![("per_task_ns", median(&mut values))])
}

/// Measures one batch, then what is `left` of them.
fn batch<C: Inline>(
    source: SimpleAction,
    tasks: usize,
    left: usize,
    mut values: Vec<f64>,
    finish: Finish<Vec<f64>>,
) {
    if left == 0 {
        return finish.with(values);
    }
    let (elapsed, countdown) = (
        leak(std::cell::Cell::new(0.0)),
        leak(Countdown::from(tasks)),
    );
    let begun = Instant::now();
    for _ in 0..tasks {
        C::make_and_complete(black_box(&source), move |source| {
            black_box(source);
            if countdown.is_over() {
                elapsed.set(nanos(begun.elapsed()));
            }
        });
    }
    // Deferred callbacks have a higher priority than what is idle.
    app::soon(Priority::LOW, move || {
        values.push(elapsed.get() / count(tasks));
        batch::<C>(source, tasks, left - 1, values, finish);
    });
}
