//! *burst*: `--n` empty workers at once, until the last callback.

use std::time::Instant;

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Spawn,
    stats::{count, median, nanos},
};

const TASKS: usize = 20_000;
/// Small bursts are repeated until so many tasks have been measured.
const ENOUGH: usize = 100_000;
/// Tasks before those that count.
const WARM_UP: usize = 1_000;

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(TASKS);
    burst::<C>(tasks.min(WARM_UP));
    let repeat = size.repeat_or((ENOUGH / tasks).clamp(1, 100));
    let mut values: Vec<f64> = (0..repeat)
        .map(|_| burst::<C>(tasks) / count(tasks))
        .collect();
    Ok(vec![("per_task_ns", median(&mut values))])
}

/// Makes them in one dispatch, and returns the nanoseconds that all took.
fn burst<C: Spawn>(tasks: usize) -> f64 {
    app::run(move |finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let begun = Instant::now();
        for _ in 0..tasks {
            C::spawn(
                || (),
                move || {
                    if countdown.is_over() {
                        finish.with(nanos(begun.elapsed()));
                    }
                },
            );
        }
    })
}
