//! *frame*: how late a tick of 60 Hz at default priority is while `--n`
//! completions arrive, each of which costs 5 µs, at the contestant's own default
//! priority.
//!
//! All workers have ended before the first callback, so that only the delivery
//! is measured. The tick is a timer descriptor in the main loop: a timeout
//! source counts whole milliseconds, and so would be late by itself. A tick that
//! was due while the loop did not come round is late until it does, as is each
//! one that was missed after it.

use std::{
    cell::{Cell, RefCell},
    os::fd::AsRawFd,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::ensure;
use glib::{ControlFlow, IOCondition, MainContext, Priority, thread_guard::ThreadGuard};
use rustix::{
    fd::OwnedFd,
    time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    },
};

use super::{Size, Values};
use crate::{
    app::{self, Countdown, Finish, leak},
    contestants::Spawn,
    spin::spin,
    stats::{nanos, percentile},
};

const COMPLETIONS: usize = 100_000;
const COST: Duration = Duration::from_micros(5);
const PERIOD: Duration = Duration::from_nanos(16_666_667);
/// How long all workers may take to end.
const PATIENCE: Duration = Duration::from_mins(1);

static ENDED: AtomicUsize = AtomicUsize::new(0);

struct Frame {
    left: Countdown,
    first: Cell<Option<Instant>>,
    total: Cell<Option<Duration>>,
}

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let completions = size.n_or(COMPLETIONS);
    let outcome = app::run(move |finish| {
        let frame = leak(Frame {
            left: Countdown::from(completions),
            first: Cell::default(),
            total: Cell::default(),
        });
        for _ in 0..completions {
            C::spawn(
                || {
                    ENDED.fetch_add(1, Ordering::Relaxed);
                },
                || frame.complete(),
            );
        }
        if let Err(error) = wait_for_workers(completions).and_then(|()| tick(frame, finish.clone()))
        {
            finish.with(Err(error));
        }
    });
    let (mut late, total) = outcome?;
    Ok(vec![
        ("worst_ns", percentile(&mut late, 1.0)),
        ("p99_ns", percentile(&mut late, 0.99)),
        ("total_ns", nanos(total)),
    ])
}

impl Frame {
    /// One completion.
    fn complete(&self) {
        if self.first.get().is_none() {
            self.first.set(Some(Instant::now()));
        }
        spin(COST);
        if self.left.is_over() {
            self.total
                .set(self.first.get().map(|first| first.elapsed()));
        }
    }
}

fn wait_for_workers(number: usize) -> anyhow::Result<()> {
    let begun = Instant::now();
    while ENDED.load(Ordering::Relaxed) < number {
        ensure!(
            begun.elapsed() < PATIENCE,
            "{number} empty workers did not end in {PATIENCE:?}"
        );
        thread::sleep(Duration::from_millis(1));
    }
    // The last have counted themselves and are about to complete.
    thread::sleep(Duration::from_millis(20));
    Ok(())
}

type Outcome = anyhow::Result<(Vec<f64>, Duration)>;

/// Ticks until one comes after the last completion.
fn tick(frame: &'static Frame, finish: Finish<Outcome>) -> anyhow::Result<()> {
    let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
    let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
    let period = Timespec::try_from(PERIOD)?;
    let spec = Itimerspec {
        it_interval: period,
        it_value: period,
    };
    timerfd_settime(&timer, TimerfdTimerFlags::empty(), &spec)?;
    let mut due = Instant::now();
    let late = ThreadGuard::new(RefCell::new(Vec::new()));
    let finish = ThreadGuard::new(finish);
    let frame = ThreadGuard::new(frame);
    let source = glib_unix::fd_source_new(
        timer.as_raw_fd(),
        IOCondition::IN,
        None,
        Priority::DEFAULT,
        move |_, _| {
            let now = Instant::now();
            let mut late = late.get_ref().borrow_mut();
            for _ in 0..expirations(&timer) {
                due += PERIOD;
                late.push(nanos(now.saturating_duration_since(due)));
            }
            if let Some(total) = frame.get_ref().total.get() {
                finish.get_ref().with(Ok((late.split_off(0), total)));
                return ControlFlow::Break;
            }
            ControlFlow::Continue
        },
    );
    source.attach(Some(&MainContext::default()));
    Ok(())
}

/// How many ticks have been due since this was last asked.
fn expirations(timer: &OwnedFd) -> u64 {
    let mut number = [0; 8];
    match rustix::io::read(timer, &mut number) {
        Ok(_) => u64::from_ne_bytes(number),
        Err(_) => 0,
    }
}
