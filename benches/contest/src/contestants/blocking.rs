//! smol's `blocking`.

use std::{env, ops::ControlFlow, os::unix::process::CommandExt, process::Command};

use anyhow::{Context as _, ensure};

use super::{
    Spawn,
    futures::{self, cancel_with_gio},
};

/// `blocking::unblock`.
pub struct Blocking;

/// What the crate takes its maximum from, once, when it is first used.
const MAX_THREADS: &str = "BLOCKING_MAX_THREADS";
/// What the crate takes at most.
const MOST: usize = 10_000;

impl Spawn for Blocking {
    /// The environment can't be changed safely once there may be threads, so
    /// this program starts again in its own place, with the same arguments.
    fn set_max_threads(max: usize) -> anyhow::Result<()> {
        let max = max.clamp(1, MOST).to_string();
        match env::var(MAX_THREADS) {
            Ok(set) if set == max => return Ok(()),
            _ => {}
        }
        ensure!(
            env::var_os(RESTARTED).is_none(),
            "{MAX_THREADS} did not stay at {max}"
        );
        let program = env::current_exe().context("this program can't find itself")?;
        let error = Command::new(program)
            .args(env::args_os().skip(1))
            .env(MAX_THREADS, max)
            .env(RESTARTED, "1")
            .exec();
        Err(error).context("this program can't start again")
    }

    fn spawn(work: impl FnOnce() + Send + 'static, done: impl FnOnce() + 'static) {
        futures::then(::blocking::unblock(work), done);
    }

    fn in_turn(again: impl FnMut() -> ControlFlow<()> + 'static) {
        futures::in_turn(|| ::blocking::unblock(|| ()), again);
    }
}

/// Set in the program that was started again.
const RESTARTED: &str = "CONTEST_RESTARTED";

cancel_with_gio!(Blocking, ::blocking::unblock);
