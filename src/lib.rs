#![doc = include_str!("../README.md")]
#![deny(unsafe_code)]

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use delivery::{Delivery, Lane};
use home::Home;

mod backend;
mod builder;
mod control;
mod delivery;
mod entry;
mod error;
mod held;
mod home;
mod progress;
mod runner;
mod running;
mod state;
mod table;
mod task;
mod trace;
mod watch;
mod worker;

pub use builder::{Builder, WithObject};
pub use error::{Cancelled, Error};
pub use progress::Progress;
pub use runner::{max_threads, set_max_threads};
pub use running::{Running, TaskFuture, spawn_blocking};
pub use task::QioTask;
pub use watch::Watch;
pub use worker::Worker;

/// What GLib's log calls this library.
const G_LOG_DOMAIN: &str = "qio-task";

/// Locks a mutex of this crate. No foreign code runs under any of them, so a
/// poisoned one is as good as any.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This thread's default context, on which it may run callbacks that stay here.
///
/// # Panics
///
/// Panics when another thread owns it.
#[track_caller]
fn owned_context() -> glib::MainContext {
    let context = glib::MainContext::ref_thread_default();
    assert!(
        context.is_owner() || context.acquire().is_ok(),
        "another thread owns this thread's default main context, so a local callback can't run \
         here; make this context the thread's default with `MainContext::with_thread_default`, \
         or give the callback to its owner with `Builder::callback_on`"
    );
    context
}

/// The lane of `context`, found in this thread's own storage where it can be.
fn home_lane(context: &glib::MainContext, priority: glib::Priority) -> io::Result<Arc<Lane>> {
    Home::with(|home| home.lane(context, priority))
        .unwrap_or_else(|| Delivery::lane(context, priority))
}

/// # Panics
///
/// Panics, on the line of who makes a task, when a context can't be woken.
#[track_caller]
fn wakeable(lane: io::Result<Arc<Lane>>) -> Arc<Lane> {
    match lane {
        Ok(lane) => lane,
        Err(error) => panic!("no descriptor is left to wake a main context with: {error}"),
    }
}
