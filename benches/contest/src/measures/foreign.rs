//! *foreign*: `--threads` threads complete tasks of one context as fast as they
//! can. `--n` tasks are made before the clock starts; it stops with the last
//! callback. The main loop goes on meanwhile.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, leak},
    contestants::Foreign,
    stats::{count, median},
};

const TASKS: usize = 200_000;
const THREADS: usize = 4;
const REPEAT: usize = 3;

pub fn run<C: Foreign>(size: &Size) -> anyhow::Result<Values> {
    let (tasks, threads) = (size.n_or(TASKS), size.threads_or(THREADS));
    once::<C>(tasks.min(1_000), threads);
    let mut values: Vec<f64> = (0..size.repeat_or(REPEAT))
        .map(|_| once::<C>(tasks, threads))
        .collect();
    Ok(vec![("per_second", median(&mut values))])
}

fn once<C: Foreign>(tasks: usize, threads: usize) -> f64 {
    app::run(move |finish| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(tasks)));
        let begun = leak(std::cell::Cell::new(Instant::now()));
        let start = Arc::new(Barrier::new(threads + 1));
        let ready = Arc::new(AtomicUsize::new(0));
        for number in 0..threads {
            let share = tasks / threads + usize::from(number < tasks % threads);
            let mine: Vec<C::Task> = (0..share)
                .map(|_| {
                    C::make(move || {
                        if countdown.is_over() {
                            let elapsed = begun.get().elapsed();
                            finish.with(count(tasks) / elapsed.as_secs_f64());
                        }
                    })
                })
                .collect();
            let (start, ready) = (start.clone(), ready.clone());
            thread::spawn(move || {
                ready.fetch_add(1, Ordering::Relaxed);
                start.wait();
                mine.into_iter().for_each(C::complete);
            });
        }
        // The clock starts before any thread does: on one core they might else
        // be done before this one reads it.
        while ready.load(Ordering::Relaxed) < threads {
            thread::yield_now();
        }
        begun.set(Instant::now());
        start.wait();
    })
}
