//! Cancellables and `Progress`es in the model.

use super::{Bar, Cancellable, Handler, Model, context::Item, new_id};
use crate::{
    event::{Id, Who},
    program::{self, End, Level, Pace, Slot, Thread, Token},
};

impl Model {
    pub(super) fn make_bar(
        &mut self,
        slot: program::Bar,
        pace: Pace,
        cancels: Option<Token>,
        by: Thread,
    ) -> Option<()> {
        let context = self.local_default(by)?;
        self.open_mail(by);
        self.open_lane(context, Level::Idle);
        let id = new_id(&self.bars);
        self.bars.push(Bar {
            context,
            home: by,
            value: None,
            note: 0,
            pace,
            was_called: false,
            cancels,
            owners: None,
            is_held: true,
            has_callback: true,
            is_running: false,
            has_missed: false,
        });
        self.drop_bar(slot);
        self.bar_slots[slot as usize] = Some(id);
        Some(())
    }

    pub(super) fn renew_token(&mut self, token: Token) {
        self.tokens[token as usize] = new_id(&self.cancellables);
        self.cancellables.push(Cancellable {
            is_cancelled: false,
            handlers: Vec::new(),
        });
    }

    pub(super) fn connect(&mut self, token: Token, slot: Slot, end: End) {
        let id = self.tokens[token as usize];
        let handlers = &mut self.cancellables[id as usize].handlers;
        handlers.push(Handler::Completes(slot, end));
    }

    pub(super) fn cancel_token(&mut self, token: Token, who: Who) {
        let id = self.tokens[token as usize];
        let cancellable = &mut self.cancellables[id as usize];
        if std::mem::replace(&mut cancellable.is_cancelled, true) {
            return;
        }
        // Those that are connected meanwhile are not called any more.
        for handler in cancellable.handlers.clone() {
            match handler {
                Handler::Task(task) if self.is_connected(id, handler) => self.cancel(task, who),
                Handler::Task(_) => {}
                Handler::Completes(slot, end) => {
                    let Some(task) = self.held(slot) else {
                        continue;
                    };
                    self.complete(task, end.into(), who);
                    self.log_unwinding(who);
                }
            }
        }
    }

    fn is_connected(&self, cancellable: Id, handler: Handler) -> bool {
        let cancellable = &self.cancellables[cancellable as usize];
        cancellable.handlers.contains(&handler)
    }

    pub(super) fn report(&mut self, slot: program::Bar) {
        self.reports += 1;
        let value = self.reports;
        let Some(id) = self.bar_slots[slot as usize] else {
            return;
        };
        let bar = self.bar(id);
        if bar.owners != Some(0) && bar.value.replace(value).is_none() {
            self.note(id);
        }
    }

    /// Notes that there is a value.
    pub(super) fn note(&mut self, id: Id) {
        self.notes += 1;
        let note = self.notes;
        self.bar(id).note = note;
        let context = self.bar(id).context;
        if self.queue(context, Level::Idle, Item::Report(note)) {
            self.context(context).reports.push((note, id));
        } else {
            self.bar(id).value = None;
        }
    }

    /// It belongs to this task from now on.
    pub(super) fn own_bar(&mut self, id: Id, task: Id) {
        self.task(task).owns = Some(id);
        let owners = &mut self.bar(id).owners;
        *owners = Some(owners.unwrap_or(0) + 1);
    }

    /// A task has ended that it belongs to. After the last one nothing is delivered.
    pub(super) fn disown_bar(&mut self, id: Id) {
        let bar = self.bar(id);
        let left = bar.owners.map_or(0, |owners| owners - 1);
        bar.owners = Some(left);
        if left == 0 && bar.value.take().is_some() {
            let Bar { context, note, .. } = *self.bar(id);
            let reports = &mut self.context(context).reports;
            reports.retain(|(other, _)| *other != note);
        }
        self.release_bar_if_last(id);
    }

    pub(super) fn drop_bar(&mut self, slot: program::Bar) {
        let Some(id) = self.bar_slots[slot as usize].take() else {
            return;
        };
        self.bar(id).is_held = false;
        self.release_bar_if_last(id);
    }

    /// Sends for the callback of a `Progress` that nobody has any more.
    pub(super) fn release_bar_if_last(&mut self, id: Id) {
        let &mut Bar {
            context,
            is_held,
            is_running,
            owners,
            ..
        } = self.bar(id);
        let is_used = is_held || is_running || owners.is_some_and(|owners| owners > 0);
        let mut reports = self.context(context).reports.iter();
        if !is_used && !reports.any(|(_, bar)| *bar == id) {
            self.queue(context, Level::Idle, Item::Release(id));
        }
    }
}
