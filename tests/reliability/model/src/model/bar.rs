//! Cancellables and `Progress`es in the model.

use super::{Bar, Model, context::Item, new_id};
use crate::{
    event::Who,
    program::{self, Level, Thread, Token},
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
        });
        self.drop_bar(slot);
        self.bar_slots[slot as usize] = Some(id);
        Some(())
    }

    pub(super) fn cancel_token(&mut self, token: Token, who: Who) {
        let id = self.tokens[token as usize];
        let cancellable = &mut self.cancellables[id as usize];
        if !std::mem::replace(&mut cancellable.is_cancelled, true) {
            for task in cancellable.tasks.clone() {
                self.cancel(task, who);
            }
        }
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
        let context = self.bar(id).context;
        if !self.context(context).reports.contains(&id) {
            self.queue(context, Level::Idle, Item::Release(id));
        }
    }
}
