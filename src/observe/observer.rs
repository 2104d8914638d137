//! The [`Observer`](events::Observer) of tasks, who keeps a record of each that somebody wants
//! to know of.

use super::{
    busy::{self, Busy},
    debug,
    facts::{Address, New},
    record::{self, Delivery, Record, Work},
    span::{self, Span},
    trace, wanted,
};
use crate::node::{
    events::{self, Activity, Event, WaitsFor},
    registry,
};

/// Whether somebody wants to know of a task that is made now.
#[inline]
pub(crate) fn is_wanted() -> bool {
    // Events are told of tasks, too, of which nothing else is known, and somebody may subscribe
    // to them later.
    #[cfg(feature = "tracing")]
    events::let_in(&Observer);
    wanted::is_wanted() || span::is_wanted()
}

/// A task is made, of which somebody wants to know.
#[cold]
pub(crate) fn made(new: &New<'_>) {
    events::let_in(&Observer);
    // There to end with its thread, which the main one tells us of.
    registry::open();
    debug::print_if_asked();
    let span = Span::new(new);
    if wanted::is_wanted() || span.is_enabled() {
        record::insert(new.id, Record::new(new, span));
    }
}

/// The task was made for a program in C.
#[cfg(feature = "capi")]
pub(crate) fn made_in_c(id: u64) {
    use super::facts::Place;
    record::change(id, |record| {
        std::sync::Arc::make_mut(&mut record.facts).place = Place::in_c();
    });
}

/// The task is a part of another one, which is told of.
#[cfg(feature = "capi")]
pub(crate) fn hide(id: u64) {
    record::remove(id);
}

struct Observer;

impl events::Observer for Observer {
    #[cold]
    fn tell(&self, task: u64, name: Option<&str>, event: Event) {
        trace::event(task, name, event);
        match event {
            Event::Driven => set_work(task, Work::Driven),
            Event::Waiting => set_work(task, Work::Waiting),
            Event::Limited => set_work(task, Work::Limited),
            Event::Queued => {
                record::change(task, |record| {
                    if matches!(record.delivery, Delivery::Open) {
                        record.delivery = Delivery::Queued;
                    }
                });
            }
            Event::PassedOver => {
                record::change(task, |record| record.is_passed_over = true);
            }
            Event::Dropped => dropped(task),
            _ => {}
        }
    }

    #[cold]
    fn begin(&self, task: u64, activity: Activity) -> Option<Box<dyn events::Busy>> {
        let busy = match activity {
            Activity::Works => Busy::working(task)?,
            Activity::Steps => Busy::stepping(task)?,
            Activity::Delivers(outcome) => Busy::delivering(task, outcome)?,
        };
        Some(busy)
    }

    #[cold]
    fn waits(&self, waits_for: Option<WaitsFor>) {
        if let Some(task) = busy::working() {
            record::change(task, |record| record.waits_for = waits_for);
        }
    }

    #[cold]
    fn context_died(&self, context: usize) {
        record::forget_context(Address::at(context));
    }

    fn exit(&self) {
        debug::at_exit();
    }
}

fn set_work(task: u64, work: Work) {
    record::change(task, |record| record.work = work);
}

fn dropped(task: u64) {
    if let Some(span) = record::change(task, |record| record.span.clone()) {
        span.record_outcome("dropped");
        record::change(task, |record| {
            record.delivery = Delivery::Over;
            record.context = None;
        });
    }
}
