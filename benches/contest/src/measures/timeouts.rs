//! *timeouts*: `--n` empty workers at once with a timeout each, which none of them reaches,
//! beside as many without; and the longest iteration of the loop once all are made.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use glib::{ControlFlow, Priority};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Deadline,
    stats::{count, median, nanos},
};

const TASKS: usize = 100_000;
/// Longer than all of them take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How often each is measured.
const REPEAT: usize = 5;
/// Tasks before those that count.
const WARM_UP: usize = 1_000;

pub fn run<C: Deadline>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(TASKS);
    burst::<C>(tasks.min(WARM_UP), Some(TIMEOUT));
    let (mut with, mut without, mut longest) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..size.repeat_or(REPEAT) {
        without.push(burst::<C>(tasks, None).0 / count(tasks));
        let (total, longest_iteration) = burst::<C>(tasks, Some(TIMEOUT));
        with.push(total / count(tasks));
        longest.push(longest_iteration);
    }
    Ok(vec![
        ("per_task_ns", median(&mut with)),
        ("without_ns", median(&mut without)),
        ("longest_ns", median(&mut longest)),
    ])
}

/// Makes them in one dispatch. Returns the nanoseconds that all took, and those of the longest
/// iteration.
fn burst<C: Deadline>(tasks: usize, timeout: Option<Duration>) -> (f64, f64) {
    app::run(move |finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let watch = leak(Watch::default());
        let begun = Instant::now();
        for _ in 0..tasks {
            C::spawn_within(
                timeout,
                || (),
                move || {
                    if countdown.is_over() {
                        finish.with((nanos(begun.elapsed()), nanos(watch.end())));
                    }
                },
            );
        }
        watch.begin();
    })
}

/// How long it is from one iteration of the loop to the next, at most.
#[derive(Default)]
struct Watch {
    longest: Cell<Duration>,
    is_over: Cell<bool>,
}

impl Watch {
    fn begin(&'static self) {
        let mut last = Instant::now();
        glib::idle_add_local_full(Priority::DEFAULT_IDLE, move || {
            let now = Instant::now();
            self.longest.set(self.longest.get().max(now - last));
            last = now;
            if self.is_over.get() {
                ControlFlow::Break
            } else {
                ControlFlow::Continue
            }
        });
    }

    fn end(&self) -> Duration {
        self.is_over.set(true);
        self.longest.get()
    }
}
