//! *idle*: what a process costs that has nothing to do, first with the threads of
//! a burst waiting for more, then after they have retired, or have had
//! `--seconds` to do so.
//!
//! The main thread blocks in its loop. It is woken once for the end of each
//! period, which is not counted, as is the processor time that it takes to read
//! all this: it is that of the other threads which counts.

use std::{collections::HashMap, thread, time::Duration};

use glib::ControlFlow;

use super::{Size, Values};
use crate::{
    app::{self, Countdown, Finish, leak},
    contestants::Spawn,
    proc::{time_of_others, wakeups, wakeups_between},
    stats::{count, nanos},
};

/// Longer than any contestant keeps idle threads that ever lets them go within
/// a time that can be measured here: tokio keeps them for 10 s.
const RETIRED: f64 = 12.0;
const WORKERS: usize = 16;
const SLEEP: Duration = Duration::from_millis(10);

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let retired = Duration::try_from_secs_f64(size.seconds.unwrap_or(RETIRED))?;
    let period = retired / 4;
    burst::<C>();
    let settle = retired / 60;
    wait(settle);
    let idle = cost(period)?;
    wait(retired.saturating_sub(settle + period));
    let retired = cost(period)?;
    Ok(vec![
        ("wakeups_per_second", idle.0),
        ("cpu_ms_per_second", idle.1),
        ("retired_wakeups_per_second", retired.0),
        ("retired_cpu_ms_per_second", retired.1),
    ])
}

/// Starts several threads.
fn burst<C: Spawn>() {
    app::run(|finish: Finish<()>| {
        let (finish, countdown) = (leak(finish), leak(Countdown::from(WORKERS)));
        for _ in 0..WORKERS {
            let done = || {
                if countdown.is_over() {
                    finish.with(());
                }
            };
            C::spawn(|| thread::sleep(SLEEP), done);
        }
    });
}

/// Wake-ups and milliseconds of processor time in a second, over `period`.
fn cost(period: Duration) -> anyhow::Result<(f64, f64)> {
    let (before, used_before) = (wakeups()?, time_of_others());
    let (after, used) = app::run(move |finish: Finish<(anyhow::Result<HashMap<_, _>>, _)>| {
        after(period, move || {
            let used = time_of_others().saturating_sub(used_before);
            finish.with((wakeups(), used));
        });
    });
    let woken = wakeups_between(&before, &after?).saturating_sub(1);
    let seconds = period.as_secs_f64();
    Ok((
        count(usize::try_from(woken)?) / seconds,
        nanos(used) / 1e6 / seconds,
    ))
}

fn wait(time: Duration) {
    app::run(move |finish| after(time, move || finish.with(())));
}

/// Calls `function` from the main loop when `time` has passed.
fn after(time: Duration, function: impl FnOnce() + 'static) {
    let mut function = Some(function);
    glib::timeout_add_local(time, move || {
        if let Some(function) = function.take() {
            function();
        }
        ControlFlow::Break
    });
}
