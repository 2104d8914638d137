//! [`Busy`]: a thread runs foreign code for a task.

use super::{
    Hold, Watched,
    inspect::Thread,
    record::{self, Delivery, Record, Work},
    span::{Entered, Span},
};
use crate::table::Ticket;

/// This thread is busy with foreign code for a task. In a box, so that it costs
/// nothing where nobody looks.
pub(crate) struct Busy {
    id: u64,
    hold: Option<Hold>,
    span: Span,
    entered: Option<Entered>,
    end: fn(&mut Record),
}

impl Busy {
    #[cold]
    pub(super) fn working(ticket: Ticket) -> Option<Box<Self>> {
        let id = ticket.id();
        let thread = Thread::current();
        let span = record::change(id, |record| {
            record.work = Work::Running(thread);
            record.span.clone()
        })?;
        Some(Box::new(Self {
            id,
            hold: None,
            span,
            entered: None,
            end: |record| record.work = Work::Over,
        }))
    }

    #[cold]
    pub(super) fn stepping(ticket: Ticket) -> Option<Box<Self>> {
        let id = ticket.id();
        let thread = Thread::current();
        let (span, facts) = record::change(id, |record| {
            record.work = Work::Running(thread);
            (record.span.clone(), record.facts.clone())
        })?;
        Some(Box::new(Self {
            id,
            entered: Some(span.enter()),
            span,
            hold: Hold::begin(|| Watched::Task(facts)),
            end: |record| record.work = Work::Driven,
        }))
    }

    #[cold]
    pub(super) fn delivering(ticket: Ticket, outcome: &'static str) -> Option<Box<Self>> {
        let id = ticket.id();
        let thread = Thread::current();
        let (span, facts) = record::change(id, |record| {
            record.delivery = Delivery::Running(thread);
            (record.span.clone(), record.facts.clone())
        })?;
        span.record_outcome(outcome);
        Some(Box::new(Self {
            id,
            entered: Some(span.enter()),
            span,
            hold: Hold::begin(|| Watched::Task(facts)),
            end: |record| record.delivery = Delivery::Over,
        }))
    }

    /// Enters the task's span.
    pub(crate) fn enter(&mut self) {
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
