//! *blockers*: `--n` workers that sleep for 100 ms, from before the first task
//! is made until the last callback, with threads for all of them where the
//! contestant can be told.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Spawn,
    stats::nanos,
};

const TASKS: usize = 64;
const SLEEP: Duration = Duration::from_millis(100);

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(TASKS);
    C::set_max_threads(tasks)?;
    let elapsed = app::run(move |finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let begun = Instant::now();
        for _ in 0..tasks {
            C::spawn(
                || thread::sleep(SLEEP),
                move || {
                    if countdown.is_over() {
                        finish.with(nanos(begun.elapsed()));
                    }
                },
            );
        }
    });
    Ok(vec![("elapsed_ns", elapsed)])
}
