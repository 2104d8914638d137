//! What is known of the tasks that somebody wants to know of.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use super::{
    facts::{Address, Facts, New, Thread},
    span::Span,
    task_state::TaskState,
    wanted,
};
use crate::{
    base::sync::lock,
    node::events::{self, WaitsFor},
};

/// By their numbers. No foreign code runs while it is locked.
static RECORDS: Mutex<BTreeMap<u64, Record>> = Mutex::new(BTreeMap::new());

/// An unfinished task.
pub(super) struct Record {
    pub(super) facts: Arc<Facts>,
    /// `None` once its callback can't be called any more: another context may
    /// have the address.
    pub(super) context: Option<Address>,
    pub(super) work: Work,
    pub(super) delivery: Delivery,
    /// Whether another thread than its own iterates its context, and can't deliver or drive it.
    pub(super) is_passed_over: bool,
    /// What its worker waits for, which runs.
    pub(super) waits_for: Option<WaitsFor>,
    pub(super) span: Span,
    /// Whether it is for the list, too, and not only for its span or the watch
    /// over its callback.
    is_listed: bool,
}

/// Who is to complete a task.
#[derive(Clone)]
pub(super) enum Work {
    /// Whoever holds it.
    Held,
    /// The loop.
    Driven,
    /// A worker that waits for a thread.
    Waiting,
    /// A worker that waits for a place in its groups.
    Limited,
    /// A function of the task's, on this thread.
    Running(Thread),
    /// Nobody: the worker has returned.
    Over,
}

/// How far the delivery is.
#[derive(Clone)]
pub(super) enum Delivery {
    Open,
    Queued,
    /// The callback runs, on this thread.
    Running(Thread),
    /// The callback has returned, or never will be called.
    Over,
}

impl Record {
    pub(super) fn new(new: &New<'_>, span: Span) -> Self {
        Self {
            facts: Arc::new(Facts::new(new)),
            context: Some(Address::of(new.context)),
            work: Work::Held,
            delivery: Delivery::Open,
            is_passed_over: false,
            waits_for: None,
            span,
            is_listed: wanted::wants(wanted::INSPECT),
        }
    }

    pub(super) fn state(&self) -> TaskState {
        match (&self.delivery, &self.work) {
            (Delivery::Running(_), _) => TaskState::Delivering,
            (Delivery::Over, _) => TaskState::Late,
            (Delivery::Queued, _) | (Delivery::Open, Work::Driven) if self.is_passed_over => {
                TaskState::WrongThread
            }
            (Delivery::Queued, _) | (Delivery::Open, Work::Over) => TaskState::Queued,
            (Delivery::Open, Work::Held) => TaskState::Held,
            (Delivery::Open, Work::Driven) => TaskState::Driven,
            (Delivery::Open, Work::Waiting) => TaskState::Waiting,
            (Delivery::Open, Work::Limited) => TaskState::WaitingForGroup,
            (Delivery::Open, Work::Running(_)) => match self.waits_for {
                None => TaskState::Running,
                Some(WaitsFor::Place) => TaskState::WaitingForGroup,
                Some(WaitsFor::Room) => TaskState::Sending,
            },
        }
    }

    /// The thread that is busy with it.
    pub(super) fn thread(&self) -> Option<&Thread> {
        match (&self.delivery, &self.work) {
            (Delivery::Running(thread), _) | (_, Work::Running(thread)) => Some(thread),
            _ => None,
        }
    }

    /// Whether there is nothing left to tell of it.
    fn is_over(&self) -> bool {
        matches!(self.delivery, Delivery::Over) && !matches!(self.work, Work::Running(_))
    }
}

pub(super) fn insert(id: u64, record: Record) {
    let mut records = lock(&RECORDS);
    let last = records.insert(id, record);
    events::set_knows_any(!records.is_empty());
    drop(records);
    // Of a task that was left four billion tasks ago; unlocked, as in `change`.
    drop(last);
}

/// Changes what is known of a task, if anything is. Forgets it when it is over.
pub(super) fn change<R>(id: u64, change: impl FnOnce(&mut Record) -> R) -> Option<R> {
    let mut records = lock(&RECORDS);
    let record = records.get_mut(&id)?;
    let changed = change(record);
    let over = record.is_over().then(|| records.remove(&id));
    events::set_knows_any(!records.is_empty());
    drop(records);
    // Unlocked: with it a span may close, and a subscriber is foreign code.
    drop(over);
    Some(changed)
}

/// Forgets a task.
#[cfg(feature = "capi")]
pub(super) fn remove(id: u64) {
    let mut records = lock(&RECORDS);
    let removed = records.remove(&id);
    events::set_knows_any(!records.is_empty());
    drop(records);
    drop(removed);
}

/// What is known of each task of the list, as `look` tells it.
pub(super) fn listed<R>(look: impl FnMut(u64, &Record) -> R) -> Vec<R> {
    listed_of(&lock(&RECORDS), look)
}

/// The same, unless somebody has locked what is known: where he may be gone.
pub(super) fn listed_at_once<R>(look: impl FnMut(u64, &Record) -> R) -> Vec<R> {
    let records = RECORDS.try_lock();
    records.map_or_else(|_| Vec::new(), |records| listed_of(&records, look))
}

fn listed_of<R>(
    records: &BTreeMap<u64, Record>,
    mut look: impl FnMut(u64, &Record) -> R,
) -> Vec<R> {
    let listed = records.iter().filter(|(_, record)| record.is_listed);
    listed.map(|(id, record)| look(*id, record)).collect()
}

/// The context at `address` is no more: that of none is there any more.
pub(super) fn forget_context(address: Address) {
    for record in lock(&RECORDS).values_mut() {
        record.context.take_if(|context| *context == address);
    }
}

/// Forgets what nobody wants to know any more.
pub(super) fn forget() {
    let (lists, watches) = (wanted::wants(wanted::INSPECT), wanted::wants(wanted::SLOW));
    let mut records = lock(&RECORDS);
    let mut forgotten = Vec::new();
    for (id, record) in &mut *records {
        record.is_listed &= lists;
        if !record.is_listed && !watches && !record.span.is_enabled() {
            forgotten.push(*id);
        }
    }
    let forgotten = forgotten.iter().map(|id| records.remove(id));
    let forgotten: Vec<_> = forgotten.collect();
    events::set_knows_any(!records.is_empty());
    drop(records);
    drop(forgotten);
}
