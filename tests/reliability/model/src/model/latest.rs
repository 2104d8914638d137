//! The newest that wins, in the model.

use super::{Model, new_id};
use crate::{
    event::{Id, What, Who},
    program::{LatestOp, Thread},
};

#[derive(Default)]
pub(super) struct Latest {
    newest: Option<Id>,
    /// Those that were replaced, in order.
    replaced: Vec<Id>,
}

impl Model {
    pub(super) fn latest_op(&mut self, op: LatestOp, who: Who) -> Option<()> {
        let latest = self.latest?;
        let newest = self.newest(latest);
        match op {
            LatestOp::Cancel => self.give_up(newest?, who),
            LatestOp::Ask => self.log(who, What::IsPending(newest.is_some())),
            LatestOp::Drop => self.latest = None,
        }
        Some(())
    }

    /// The one that is held, which is made if there is none.
    pub(super) fn ensure_latest(&mut self) -> Id {
        let made = self.latest.unwrap_or_else(|| new_id(&self.all_latest));
        if self.latest.replace(made).is_none() {
            self.all_latest.push(Latest::default());
        }
        made
    }

    fn latest(&mut self, id: Id) -> &mut Latest {
        &mut self.all_latest[id as usize]
    }

    /// The newest one, until its callback and its worker have ended.
    fn newest(&mut self, latest: Id) -> Option<Id> {
        let newest = self.latest(latest).newest?;
        (!self.task(newest).is_over()).then_some(newest)
    }

    /// A task that was just made takes the place of the newest one, of which nothing comes any
    /// more.
    pub(super) fn join_latest(&mut self, latest: Id, id: Id, who: Who) {
        self.task(id).latest = Some(latest);
        let last = self.newest(latest);
        self.latest(latest).newest = Some(id);
        let Some(last) = last else { return };
        self.latest(latest).replaced.push(last);
        self.give_up(last, who);
    }

    /// It is cancelled, and nothing comes of it any more.
    fn give_up(&mut self, last: Id, who: Who) {
        self.cancel(last, who);
        if let Some(bar) = self.task(last).owns.take() {
            self.disown_bar(bar);
        }
        if self.task(last).is_interrupted {
            self.discard_messages(last);
        }
    }

    /// A task is about to be delivered: those that were replaced before it, and wait for the same
    /// thread and context, come first.
    pub(super) fn deliver_replaced(&mut self, id: Id, by: Thread) {
        // One that is over is called no more, and no reason to call others.
        let latest = self
            .task(id)
            .latest
            .filter(|_| !self.tasks[id as usize].is_over());
        let Some(latest) = latest else { return };
        let context = self.task(id).context;
        while let Some(next) = self.next_replaced(latest, id, by) {
            self.deliver(next, by, false);
            let level = self.task(next).level();
            self.unqueue(context, level, next);
        }
    }

    fn next_replaced(&mut self, latest: Id, id: Id, by: Thread) -> Option<Id> {
        let context = self.task(id).context;
        let replaced = self.latest(latest).replaced.clone();
        let mut before = replaced.into_iter().take_while(|other| *other != id);
        before.find(|other| {
            let task = self.task(*other);
            let is_here = task.context == context && task.home.is_none_or(|home| home == by);
            is_here && task.decided.is_some() && !task.is_settled
        })
    }
}
