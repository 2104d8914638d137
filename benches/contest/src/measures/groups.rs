//! *groups*: what a group costs, beside the same without one: a task that is completed on its own
//! thread; `--n` empty workers at once with four threads, by the limit of their group or of all; and
//! to cancel 100,000 tasks of a group, beside the handlers of one cancellable.

use std::{cell::Cell, time::Instant};

use gio::prelude::*;

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Grouped,
    stats::{count, median, nanos},
};

const TASKS: usize = 1_000_000;
/// How often each is measured.
const REPEAT: usize = 5;
/// Tasks before those that count.
const WARM_UP: usize = 1_000;
const THREADS: usize = 4;
const MEMBERS: usize = 100_000;
/// More than there may be threads.
const NO_LIMIT: usize = 512;

pub fn run<C: Grouped>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(TASKS);
    burst::<C>(tasks.min(WARM_UP), true)?;
    let mut values: [(&str, Vec<f64>); 6] = [
        "inline_ns",
        "inline_alone_ns",
        "limited_ns",
        "max_threads_ns",
        "cancel_ns",
        "cancellable_ns",
    ]
    .map(|name| (name, Vec::new()));
    for _ in 0..size.repeat_or(REPEAT) {
        let round = [
            inline::<C>(tasks, true),
            inline::<C>(tasks, false),
            burst::<C>(tasks, true)?,
            burst::<C>(tasks, false)?,
            cancel::<C>(),
            cancel_handlers(),
        ];
        for ((_, values), value) in values.iter_mut().zip(round) {
            values.push(value);
        }
    }
    let median = |(name, mut values): (&'static str, Vec<f64>)| (name, median(&mut values));
    Ok(values.map(median).into())
}

fn inline<C: Grouped>(tasks: usize, in_group: bool) -> f64 {
    app::run(move |finish| {
        let group = in_group.then(C::group);
        let done = leak(Cell::new(0_usize));
        let begun = Instant::now();
        for _ in 0..tasks {
            C::complete_in(group.as_ref(), move || done.set(done.get() + 1));
        }
        assert_eq!(done.get(), tasks);
        finish.with(nanos(begun.elapsed()) / count(tasks));
    })
}

/// Makes them in one dispatch, and returns the nanoseconds that each took.
fn burst<C: Grouped>(tasks: usize, in_group: bool) -> anyhow::Result<f64> {
    C::set_max_threads(if in_group { NO_LIMIT } else { THREADS })?;
    Ok(app::run(move |finish| {
        let group = in_group.then(C::group);
        if let Some(group) = &group {
            C::limit(group, THREADS);
        }
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let begun = Instant::now();
        for _ in 0..tasks {
            C::spawn_in(group.as_ref(), move || {
                if countdown.is_over() {
                    finish.with(nanos(begun.elapsed()) / count(tasks));
                }
            });
        }
    }))
}

fn cancel<C: Grouped>() -> f64 {
    app::run(|finish| {
        let group = C::group();
        let tasks: Vec<_> = (0..MEMBERS).map(|_| C::hold_in(&group)).collect();
        let begun = Instant::now();
        C::cancel(&group);
        finish.with(nanos(begun.elapsed()));
        drop(tasks);
    })
}

fn cancel_handlers() -> f64 {
    let cancellable = gio::Cancellable::new();
    let called = leak(Cell::new(0_usize));
    for _ in 0..MEMBERS {
        cancellable.connect_cancelled_local(move |_| called.set(called.get() + 1));
    }
    let begun = Instant::now();
    cancellable.cancel();
    let took = nanos(begun.elapsed());
    assert_eq!(called.get(), MEMBERS);
    took
}
