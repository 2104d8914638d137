//! What is told of tasks to those who look: the list of [`inspect`], the watch
//! over slow callbacks and, with the feature, `tracing`.
//!
//! While nobody looks nothing is kept. Who makes a task asks one variable
//! whether anybody does; who tells of a task later, another, whether any task
//! is known. What a task does is the same whether somebody looks or not.

mod busy;
mod debug;
mod facts;
mod hold;
mod inspect;
mod record;
mod signal;
mod slow;
mod span;
mod trace;

use std::panic::Location;

use glib::MainContext;

pub use inspect::{TaskInfo, TaskState, inspect, is_inspecting, set_inspecting};
pub use slow::{SlowCallback, set_slow_callback_limit, slow_callback_limit, slow_callbacks};

pub(crate) use busy::Busy;
pub(crate) use debug::at_exit;
pub(crate) use facts::Place;
pub(crate) use hold::Hold;
pub(crate) use slow::Watched;
#[cfg(feature = "tracing")]
pub(crate) use span::within;
#[cfg(feature = "tracing")]
pub(crate) use trace::is_enabled;
pub(crate) use trace::trace;

use crate::{Error, node::registry::Registry};
use record::{Delivery, Record, Work};
use span::Span;

/// A task, as it is made.
pub(crate) struct New<'a> {
    pub(crate) id: u64,
    pub(crate) name: Option<&'a str>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) context: &'a MainContext,
    pub(crate) source_type: Option<glib::Type>,
    pub(crate) priority: glib::Priority,
}

/// Whether somebody wants to know of a task that is made now.
#[inline]
pub(crate) fn is_wanted() -> bool {
    debug::is_wanted() || span::is_wanted()
}

/// Whether anything is known of any task.
#[inline]
pub(crate) fn is_any_known() -> bool {
    record::any()
}

/// A task is made, of which somebody wants to know.
#[cold]
pub(crate) fn made(new: &New<'_>) {
    // There to end with its thread, which the main one tells us of: `at_exit`.
    Registry::with(|_| ());
    let span = Span::new(new);
    if debug::is_wanted() || span.is_enabled() {
        record::insert(new.id, Record::new(new, span));
    }
}

/// The task was made for a program in C.
#[cfg(feature = "capi")]
pub(crate) fn made_in_c(id: u64) {
    tell(id, |record| {
        std::sync::Arc::make_mut(&mut record.facts).place = Place::in_c();
    });
}

/// The task is a part of another one, which is told of.
#[cfg(feature = "capi")]
pub(crate) fn hide(id: u64) {
    if record::any() {
        record::remove(id);
    }
}

/// The loop drives the task from now on.
#[inline]
pub(crate) fn driven(id: u64) {
    tell(id, |record| record.work = Work::Driven);
}

/// The task's worker waits for a thread from now on.
#[inline]
pub(crate) fn waiting(id: u64) {
    tell(id, |record| record.work = Work::Waiting);
}

/// The task's delivery is queued.
#[inline]
pub(crate) fn queued(id: u64) {
    tell(id, |record| {
        if matches!(record.delivery, Delivery::Open) {
            record.delivery = Delivery::Queued;
        }
    });
}

/// The task's callback is dropped, uncalled.
#[inline]
pub(crate) fn dropped(id: u64) {
    if record::any()
        && let Some(span) = record::change(id, |record| record.span.clone())
    {
        span.record_outcome("dropped");
        record::change(id, |record| {
            record.delivery = Delivery::Over;
            record.context = None;
        });
    }
}

/// The task's worker runs here, for as long as this is kept. It is to enter the
/// task's span by itself.
#[inline]
pub(crate) fn working(id: u64) -> Option<Box<Busy>> {
    record::any().then(|| Busy::working(id))?
}

/// The function of a task that the loop drives runs here, for as long as this
/// is kept.
#[inline]
pub(crate) fn stepping(id: u64) -> Option<Box<Busy>> {
    record::any().then(|| Busy::stepping(id))?
}

/// The task's callback runs here, for as long as this is kept.
pub(crate) fn delivering<T, E>(id: u64, result: &Result<T, Error<E>>) -> Option<Box<Busy>> {
    Busy::delivering(id, outcome(result))
}

#[inline]
fn tell(id: u64, change: impl FnOnce(&mut Record)) {
    if record::any() {
        record::change(id, change);
    }
}

/// What a span says of how its task ended.
fn outcome<T, E>(result: &Result<T, Error<E>>) -> &'static str {
    match result {
        Ok(_) => "completed",
        Err(Error::Failed(_)) => "failed",
        Err(Error::Cancelled) => "cancelled",
        Err(Error::TimedOut) => "timed out",
        Err(Error::Abandoned) => "abandoned",
        Err(Error::Panicked(_)) => "panicked",
        Err(Error::Spawn(_)) => "refused",
    }
}
