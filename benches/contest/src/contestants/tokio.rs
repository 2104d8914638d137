//! tokio's `spawn_blocking`, on a runtime that lives as long as the program, as
//! applications keep one beside their main loop.

use std::{ops::ControlFlow, sync::OnceLock};

use ::tokio::runtime::{Builder, Runtime};

use super::{
    Spawn,
    futures::{self, cancel_with_gio},
};

/// `tokio::runtime::Runtime::spawn_blocking`.
pub struct Tokio;

static MAX_THREADS: OnceLock<usize> = OnceLock::new();
static RUNTIME: OnceLock<Runtime> = OnceLock::new();

fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        if let Some(max) = MAX_THREADS.get() {
            builder.max_blocking_threads(*max);
        }
        builder
            .build()
            .expect("the system grants tokio its threads")
    })
}

impl Spawn for Tokio {
    fn set_max_threads(max: usize) -> anyhow::Result<()> {
        MAX_THREADS
            .set(max.max(1))
            .map_err(|_| anyhow::anyhow!("tokio takes its maximum once"))
    }

    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        futures::then(runtime().spawn_blocking(work), done);
    }

    fn in_turn(again: impl FnMut() -> ControlFlow<()> + 'static) {
        futures::in_turn(|| runtime().spawn_blocking(|| ()), again);
    }
}

cancel_with_gio!(Tokio, |work| runtime().spawn_blocking(work));
