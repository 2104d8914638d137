//! *burst*: `--n` empty workers at once, until the last callback.

use std::time::{Duration, Instant};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Spawn,
    stats::{count, median, nanos},
};

const TASKS: usize = 20_000;
/// Short bursts are repeated for so long, unless `--repeat` says how often.
const ENOUGH: Duration = Duration::from_millis(100);
/// But not more often than this.
const MOST: usize = 100;
/// Tasks before those that count.
const WARM_UP: usize = 1_000;

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(TASKS);
    burst::<C>(tasks.min(WARM_UP));
    let (begun, mut values) = (Instant::now(), Vec::new());
    let is_enough = |values: &Vec<f64>| match size.repeat {
        Some(repeat) => values.len() >= repeat.get(),
        None => values.len() >= MOST || begun.elapsed() >= ENOUGH,
    };
    loop {
        values.push(burst::<C>(tasks) / count(tasks));
        if is_enough(&values) {
            break;
        }
    }
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
