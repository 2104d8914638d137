//! Messages of tasks in the model.

use std::collections::VecDeque;

use super::{Model, context::Item};
use crate::{
    event::{Id, Sent, What, Who},
    program::{BOUND, Slot, Thread},
};

pub(super) struct Messages {
    waiting: VecDeque<u32>,
    /// Whether more are let in.
    is_open: bool,
}

impl Messages {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::new(),
            is_open: true,
        }
    }
}

impl Model {
    pub(super) fn try_send(&mut self, slot: Slot, who: Who) -> Option<()> {
        let (id, task) = self.in_slot(slot)?;
        task.messages.as_ref()?;
        let (message, sent) = self.send_to(id);
        self.log(who, What::Sent(message, sent));
        Some(())
    }

    /// The worker sends, and the task is cancelled: while it waits for room, where there is none.
    pub(super) fn cancel_sending(&mut self, slot: Slot, by: Thread) -> Option<()> {
        let id = self.stopped_worker(slot)?;
        let task = self.task(id);
        task.messages.as_ref()?;
        if task.running != Some(by) || task.is_committed {
            return None;
        }
        let (message, sent) = self.send_to(id);
        let who = Who::Worker(id);
        if sent == Sent::Full {
            self.cancel(id, Who::Home(by));
            self.log(who, What::Sent(message, Sent::Cancelled));
        } else {
            self.log(who, What::Sent(message, sent));
            self.cancel(id, Who::Home(by));
        }
        Some(())
    }

    fn send_to(&mut self, id: Id) -> (u32, Sent) {
        self.messages += 1;
        let message = self.messages;
        let context = self.task(id).context;
        let is_alive = self.context(context).is_alive;
        let level = self.task(id).level();
        let Some(messages) = self.task(id).messages.as_mut() else {
            return (message, Sent::Cancelled);
        };
        if !messages.is_open || !is_alive {
            return (message, Sent::Cancelled);
        }
        if messages.waiting.len() == BOUND {
            return (message, Sent::Full);
        }
        messages.waiting.push_back(message);
        if messages.waiting.len() == 1 {
            self.queue(context, level, Item::Messages(id));
        }
        (message, Sent::LetIn)
    }

    /// No more are let in.
    pub(super) fn shut_messages(&mut self, id: Id) {
        if let Some(messages) = &mut self.task(id).messages {
            messages.is_open = false;
        }
    }

    /// None of them is delivered any more.
    pub(super) fn discard_messages(&mut self, id: Id) {
        self.shut_messages(id);
        if let Some(messages) = &mut self.task(id).messages {
            messages.waiting.clear();
        }
    }

    /// Those that were sent before the task ended come before its callback.
    pub(super) fn deliver_last_messages(&mut self, id: Id, by: Thread) {
        if self.task(id).decided.is_some() && !self.task(id).is_settled {
            self.shut_messages(id);
            self.deliver_messages(id, by);
        }
    }

    pub(super) fn deliver_messages(&mut self, id: Id, by: Thread) {
        let who = Who::Home(by);
        let default = self.default_of(who);
        let messages = self.task(id).messages.as_mut();
        let waiting = messages.map(|messages| std::mem::take(&mut messages.waiting));
        for message in waiting.into_iter().flatten() {
            self.log(who, What::Message(id, message, default));
        }
    }
}
