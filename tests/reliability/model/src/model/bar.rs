//! Cancellables and `Progress`es in the model.

use super::{Bar, Cancellable, Handler, Model, context::Item, new_id};
use crate::{
    event::{Id, Who},
    program::{self, End, Level, Slot, Thread, Token},
};

impl Model {
    pub(super) fn make_bar(
        &mut self,
        slot: program::Bar,
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
            cancels,
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
        let context = bar.context;
        if bar.value.replace(value).is_none() && self.queue(context, Level::Idle, Item::Progress) {
            self.context(context).reports.push(id);
        }
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
            ..
        } = self.bar(id);
        let is_last = !is_held && !is_running && !self.context(context).reports.contains(&id);
        if is_last {
            self.queue(context, Level::Idle, Item::Release(id));
        }
    }
}
