//! *round-trip*: one empty worker at a time, from callback to callback, each of
//! which makes the next task.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Instant,
};

use rustix::{
    event::{EventfdFlags, PollFd, PollFlags, eventfd, poll},
    thread::futex,
};

use super::{Size, Values};
use crate::{
    app::{self, Finish},
    contestants::Spawn,
    stats::{nanos, percentile},
};

const TRIPS: usize = 5_000;
/// Trips before those that count: threads have started by then.
const WARM_UP: usize = 500;

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let trips = size.n_or(TRIPS);
    let times = app::run(move |finish: Finish<Vec<f64>>| {
        let mut times = Vec::with_capacity(WARM_UP + trips);
        let mut begun = Instant::now();
        C::in_turn(move || {
            let now = Instant::now();
            times.push(nanos(now - begun));
            if times.len() == WARM_UP + trips {
                finish.with(times.split_off(WARM_UP));
                return ControlFlow::Break(());
            }
            begun = now;
            ControlFlow::Continue(())
        });
    });
    Ok(percentiles(times))
}

fn percentiles(mut times: Vec<f64>) -> Values {
    vec![
        ("p50_ns", percentile(&mut times, 0.5)),
        ("p99_ns", percentile(&mut times, 0.99)),
        ("p999_ns", percentile(&mut times, 0.999)),
    ]
}

/// The limit: this thread blocks in `poll` on an eventfd, the other one on a
/// futex; two system calls each way and nothing else.
pub fn limit(size: &Size) -> anyhow::Result<Values> {
    let trips = size.n_or(TRIPS);
    let bell = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
    let word = Arc::new(AtomicU32::new(IDLE));
    let worker = thread::spawn({
        let (bell, word) = (bell.clone(), word.clone());
        move || answer(&word, &bell)
    });
    let mut times = Vec::with_capacity(WARM_UP + trips);
    for _ in 0..WARM_UP + trips {
        let begun = Instant::now();
        word.store(ASKED, Ordering::Release);
        futex::wake(&word, futex::Flags::PRIVATE, 1)?;
        poll(&mut [PollFd::new(&*bell, PollFlags::IN)], None)?;
        rustix::io::read(&*bell, &mut [0; 8])?;
        times.push(nanos(begun.elapsed()));
    }
    word.store(OVER, Ordering::Release);
    futex::wake(&word, futex::Flags::PRIVATE, 1)?;
    worker.join().expect("the worker does not panic")?;
    Ok(percentiles(times.split_off(WARM_UP)))
}

const IDLE: u32 = 0;
const ASKED: u32 = 1;
const OVER: u32 = 2;

fn answer(word: &AtomicU32, bell: &rustix::fd::OwnedFd) -> rustix::io::Result<()> {
    loop {
        // An interrupted or needless wait is one more look.
        let _ = futex::wait(word, futex::Flags::PRIVATE, IDLE, None);
        match word.compare_exchange(ASKED, IDLE, Ordering::Acquire, Ordering::Relaxed) {
            Ok(_) => rustix::io::write(bell, &1u64.to_ne_bytes())?,
            Err(OVER) => return Ok(()),
            Err(_) => continue,
        };
    }
}
