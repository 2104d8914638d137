//! [`Busy`]: a thread runs foreign code for a task.

use std::{cell::Cell, sync::Arc};

use super::{
    facts::{Facts, Thread},
    hold::Hold,
    record::{self, Delivery, Record, Work},
    span::{Entered, Span},
    watched::Watched,
};
use crate::node::events;

/// This thread is busy with foreign code for a task.
pub(super) struct Busy {
    id: u64,
    hold: Option<Hold>,
    span: Span,
    entered: Option<Entered>,
    end: fn(&mut Record),
}

thread_local! {
    /// The task whose worker runs on this thread, if it is known of.
    static WORKING: Cell<Option<u64>> = const { Cell::new(None) };
}

/// The task whose worker runs on this thread, if it is known of.
pub(super) fn working() -> Option<u64> {
    WORKING.get()
}

impl Busy {
    pub(super) fn working(id: u64) -> Option<Box<Self>> {
        let (busy, _) = Self::begin(
            id,
            |record, thread| record.work = Work::Running(thread),
            |record| {
                record.work = Work::Over;
                WORKING.set(None);
            },
        )?;
        WORKING.set(Some(id));
        Some(busy)
    }

    pub(super) fn stepping(id: u64) -> Option<Box<Self>> {
        let (mut busy, facts) = Self::begin(
            id,
            |record, thread| {
                record.work = Work::Running(thread);
                record.is_passed_over = false;
            },
            |record| record.work = Work::Driven,
        )?;
        busy.hold_loop(facts);
        Some(busy)
    }

    pub(super) fn delivering(id: u64, outcome: &'static str) -> Option<Box<Self>> {
        let (mut busy, facts) = Self::begin(
            id,
            |record, thread| record.delivery = Delivery::Running(thread),
            |record| record.delivery = Delivery::Over,
        )?;
        busy.span.record_outcome(outcome);
        busy.hold_loop(facts);
        Some(busy)
    }

    /// Changes what is known of the task, now and at the end, if anything is.
    fn begin(
        id: u64,
        begin: impl FnOnce(&mut Record, Thread),
        end: fn(&mut Record),
    ) -> Option<(Box<Self>, Arc<Facts>)> {
        let thread = Thread::current();
        let (span, facts) = record::change(id, |record| {
            begin(record, thread);
            (record.span.clone(), record.facts.clone())
        })?;
        let busy = Self {
            id,
            hold: None,
            span,
            entered: None,
            end,
        };
        Some((Box::new(busy), facts))
    }

    /// This thread's loop waits for it, inside of the task's span.
    fn hold_loop(&mut self, facts: Arc<Facts>) {
        events::Busy::enter(self);
        self.hold = Hold::begin(|| Watched::Task(facts));
    }
}

impl events::Busy for Busy {
    /// Enters the task's span.
    fn enter(&mut self) {
        self.entered = Some(self.span.enter());
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        // A slow one is told of inside of the span, and the span is left before
        // it may close.
        self.hold = None;
        self.entered = None;
        record::change(self.id, self.end);
    }
}
