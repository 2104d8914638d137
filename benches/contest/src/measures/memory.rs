//! *memory*: what a worker that is running and a task that waits for a thread
//! occupy, as the growth of the resident memory over their number.
//!
//! First 200 workers, or `--threads`, block, which is all the threads that the
//! contestant may have where it can be told; then `--n` more tasks wait behind
//! them. Closures and callbacks capture nothing.

use std::{thread, time::Duration};

use anyhow::ensure;
use glib::Priority;

use super::{Size, Values, null};
use crate::{
    app::{self, leak},
    contestants::{Foreign, Spawn},
    gate,
    proc::resident,
    stats::count,
};

const PENDING: usize = 1_000_000;
const WORKERS: usize = 200;
/// How long the contestant may take to start its workers. What has started by
/// then is what is counted: `GTask` starts ten a second.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn run<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let worker = workers::<C>(size)?;
    Ok(vec![
        ("pending_bytes", pending::<C>(size)?),
        ("worker_bytes", worker),
    ])
}

/// As [`run`], and what a task occupies that is only held, to be completed by
/// hand.
pub fn run_and_hold<C: Spawn + Foreign>(size: &Size) -> anyhow::Result<Values> {
    let tasks = size.n_or(PENDING);
    let mut values = run::<C>(size)?;
    let (before, after) = app::run(move |finish| {
        let mut held = Vec::with_capacity(tasks);
        let before = resident();
        held.extend((0..tasks).map(|_| C::make(|| ())));
        finish.with((before, resident()));
        leak(held);
    });
    values.push(("held_bytes", per_task(before?, after?, tasks)));
    Ok(values)
}

/// For a contestant whose few threads can't be told their number: they are among those
/// that wait.
#[cfg(all(libdex, not(libdex_pool)))]
pub fn run_pending<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    null::one::<C>();
    Ok(vec![("pending_bytes", pending::<C>(size)?)])
}

/// For a contestant that has a thread for each task, which is then what a
/// pending task occupies.
pub fn run_with_threads<C: Spawn>(size: &Size) -> anyhow::Result<Values> {
    let worker = workers::<C>(size)?;
    Ok(vec![("pending_bytes", worker), ("worker_bytes", worker)])
}

/// What a task occupies that waits behind those that block.
fn pending<C: Spawn>(size: &Size) -> anyhow::Result<f64> {
    let tasks = size.n_or(PENDING);
    let before = resident()?;
    let after = app::run(move |finish| {
        for _ in 0..tasks {
            C::spawn(gate::block, || ());
        }
        // Futures have been polled by then.
        app::soon(Priority::LOW, move || finish.with(resident()));
    })?;
    Ok(per_task(before, after, tasks))
}

/// What a running worker occupies.
fn workers<C: Spawn>(size: &Size) -> anyhow::Result<f64> {
    let wanted = size.threads_or(WORKERS);
    C::set_max_threads(wanted)?;
    // What all tasks need once.
    null::one::<C>();
    let before = resident()?;
    let (after, workers) = app::run(move |finish| {
        for _ in 0..wanted {
            C::spawn(gate::block, || ());
        }
        let workers = gate::wait_for(wanted, PATIENCE);
        thread::sleep(Duration::from_millis(50));
        finish.with((resident(), workers));
    });
    ensure!(workers > 0, "no worker has started within {PATIENCE:?}");
    Ok(per_task(before, after?, workers))
}

fn per_task(before: f64, after: f64, tasks: usize) -> f64 {
    (after - before) / count(tasks)
}
