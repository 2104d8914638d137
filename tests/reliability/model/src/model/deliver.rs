//! How a result comes to its callback, in the model.

use super::{Model, context::Item, new_id};
use crate::{
    event::{Id, Outcome, Part, What, Who},
    program::{Go, Kind, Pace, Thread},
};

/// What the library says of a driven task whose context dies elsewhere.
const LEAKED: &str = "a main context died on another thread than a task's own; the task is leaked";

impl Model {
    /// Delivers outside of a dispatch, with the context as the default; unless another thread,
    /// which waits for it in there, owns that just now.
    pub(super) fn deliver_within(&mut self, id: Id, by: Thread, is_inline: bool) {
        let context = self.task(id).context;
        let is_free = !self.is_taken(context, by);
        self.keep(context);
        if is_free {
            self.enter(context, by);
        }
        self.deliver(id, by, is_inline);
        if is_free {
            self.leave(context, by);
        }
        self.release(context, Who::Home(by));
    }

    pub(super) fn deliver_item(&mut self, item: Item, context: Id, by: Thread) {
        match item {
            Item::Task(id) => self.deliver(id, by, false),
            Item::Messages(id) => self.deliver_messages(id, by),
            Item::Report(note) => self.deliver_report(note, context, by),
            Item::Release(bar) => self.release_bar(bar, by),
        }
    }

    /// Calls the callback, if that is due, and drops a success that has given way.
    pub(super) fn deliver(&mut self, id: Id, by: Thread, is_inline: bool) {
        let who = Who::Home(by);
        self.deliver_progress(self.tasks[id as usize].context, by);
        self.deliver_last_messages(id, by);
        // A handler that came before the task's own may have completed it.
        if self.is_cancellable_cancelled(id) {
            self.cancel(id, who);
        }
        self.deliver_replaced(id, by);
        let task = self.task(id);
        let outcome = match task.decided {
            Some(outcome) if !task.is_settled => outcome,
            _ => return,
        };
        task.is_settled = true;
        if task.left == Some(outcome) {
            task.left = None;
        }
        if outcome == Outcome::TimedOut {
            // Also of those that have come to its groups since.
            self.note_error(id, outcome, who);
        }
        self.drop_unwanted(id, who);
        self.untie(id);
        self.call(id, outcome, by, is_inline);
        self.drop_callback(id, who);
        self.task(id).is_finished = true;
        self.leave_if_over(id, who);
    }

    fn call(&mut self, id: Id, outcome: Outcome, by: Thread, is_inline: bool) {
        let who = Who::Home(by);
        if self.task(id).plan.kind == Kind::Future {
            self.keep_promise(id, outcome, who);
            return;
        }
        let default = self.default_of(who);
        self.log(who, What::Called(id, outcome, default));
        let then = self.task(id).plan.then.clone();
        if !self.is_last {
            then.0.iter().for_each(|step| self.step(by, step));
        }
        if self.task(id).has_value(outcome) {
            self.log(who, What::Dropped(Part::Value(id)));
        }
        if is_inline && self.task(id).plan.panics {
            self.unwinding = Some(id);
        }
    }

    /// Delivers the values that were reported so far to this thread, at whatever pace.
    fn deliver_progress(&mut self, context: Id, by: Thread) {
        let so_far = self.notes;
        loop {
            let reports = &self.contexts[context as usize].reports;
            let mine =
                |(note, bar): &(u32, Id)| *note <= so_far && self.bars[*bar as usize].home == by;
            let Some(first) = reports.iter().position(mine) else {
                return;
            };
            let (_, id) = self.context(context).reports.remove(first);
            self.deliver_value(id, by);
            self.release_bar_if_last(id);
        }
    }

    /// Delivers the value that was noted by this number, unless that has been done, or it has to
    /// wait for longer than a program takes.
    fn deliver_report(&mut self, note: u32, context: Id, by: Thread) {
        let reports = &self.context(context).reports;
        let Some(index) = reports.iter().position(|(other, _)| *other == note) else {
            return;
        };
        let (_, id) = reports[index];
        if self.bar(id).pace == Pace::OnceAnHour && self.bar(id).was_called {
            return;
        }
        self.context(context).reports.remove(index);
        self.deliver_value(id, by);
        self.release_bar_if_last(id);
    }

    /// Delivers the value of a `Progress`, if there is one.
    fn deliver_value(&mut self, id: Id, by: Thread) {
        if self.bar(id).is_running {
            self.bar(id).has_missed = true;
            return;
        }
        let default = self.default_of(Who::Home(by));
        self.bar(id).is_running = true;
        if let Some(value) = self.bar(id).value.take() {
            self.bar(id).was_called = true;
            self.log(Who::Home(by), What::Progress(id, value, default));
            if let Some(token) = self.bar(id).cancels {
                self.cancel_token(token, Who::Home(by));
            }
        }
        self.bar(id).is_running = false;
        if std::mem::take(&mut self.bar(id).has_missed) && self.bar(id).value.is_some() {
            self.note(id);
        }
    }

    /// The function of a driven task is called, and may complete it. Of one that was cancelled,
    /// or whose time is up, it is let go.
    pub(super) fn drive(&mut self, id: Id, by: Thread) {
        if self.task(id).is_interrupted {
            self.stop_driving(id);
            return;
        }
        let Some(go) = self.task(id).ready.pop_front() else {
            return;
        };
        let default = self.default_of(Who::Home(by));
        self.log(Who::Home(by), What::Driven(id, default));
        if let Go::Break(end) = go {
            self.task(id).driver = None;
            self.complete_here(id, end.into(), by, false);
        }
    }

    /// The loop lets go of a driven task, and so abandons it: as it has ended
    /// already, nobody hears of it.
    pub(super) fn stop_driving(&mut self, id: Id) {
        self.remove_sources(id);
        self.task(id).driver = None;
    }

    /// A context dies, whose sources GLib destroys from the last one on. The first one of the
    /// queue has all tasks dropped, uncalled. A driven task that goes before is abandoned, as its
    /// groups hear; the contract leaves it open which of them do.
    pub(super) fn abandon_drivers(&mut self, context: Id, who: Who) {
        for id in self.drivers_behind_queue(context) {
            let task = self.task(id);
            if task.driven_by.map(Who::Home) == Some(who)
                && self.leave_result(id, Outcome::Abandoned, who)
            {
                self.send(id, who);
            }
        }
    }

    /// A context has died where its tasks are not at home.
    pub(super) fn leak_drivers(&mut self, context: Id, who: Who) {
        for id in 0..new_id(&self.tasks) {
            let task = self.task(id);
            if task.context == context && task.driver.is_some() && !task.is_settled {
                let made_by = task.driven_by;
                if made_by.is_none_or(|thread| who != Who::Home(thread)) {
                    self.log(who, What::Warned(LEAKED.to_owned()));
                }
            }
        }
    }
}
