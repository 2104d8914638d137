//! Tasks of which each replaces the one before.

use std::{cell::Cell, rc::Rc};

use qio_task::{Latest, Progress};

use super::{EITHER, by_hand, in_callback, worker};
use crate::{
    draft::Draft,
    ending::{Ending, Endings},
    errand::How,
    fail::broken,
    here::Here,
    kind::Kind,
    result::Value,
};

const ANY: Endings = EITHER
    .or(Ending::Cancelled)
    .or(Ending::Abandoned)
    .or(Ending::Refused);

thread_local! {
    /// As of the one text field of a window.
    static FIELD: Rc<Field> = Rc::new(Field {
        latest: Latest::new(),
        made: Cell::new(0),
        told: Cell::new(0),
    });
}

struct Field {
    latest: Latest,
    /// The number of the newest task.
    made: Cell<u64>,
    /// That of the last one whose callback was called.
    told: Cell<u64>,
}

impl Field {
    /// The callback of a task is called.
    fn tell(&self, number: u64, value: Option<&Value>) {
        let (made, told) = (self.made.get(), self.told.replace(number));
        if number <= told {
            broken!("task {number} of a `Latest` was told after task {told}");
        }
        if value.is_some() && number < made {
            broken!("a value of task {number} of a `Latest` came after task {made} was made");
        }
    }
}

/// Some more letters.
pub fn any(here: &Here) {
    let field = FIELD.with(Clone::clone);
    for _ in 0..fastrand::u8(1..4) {
        one(here, &field);
    }
    if fastrand::u8(..16) == 0 {
        field.latest.cancel();
    }
}

fn one(here: &Here, field: &Rc<Field>) {
    let draft = |kind| Draft::new(here, kind, ANY).with(|it| it.latest(&field.latest));
    let number = field.made.get() + 1;
    if fastrand::u8(..8) == 0 {
        field.made.set(number);
        return committed(draft(Kind::Committed));
    }
    let then = {
        let field = field.clone();
        move |value: Option<Value>| {
            field.tell(number, value.as_ref());
            in_callback();
        }
    };
    let draft = draft(Kind::Latest);
    let mark = draft.mark();
    match fastrand::u8(..8) {
        0 => {
            let task = draft.task_then(then);
            field.made.set(number);
            // Without a turn: an error of one that was replaced comes before its own.
            by_hand::give_away(here, task, mark, How::Run);
        }
        1 => {
            let task = draft.task_then(then);
            field.made.set(number);
            task.complete(mark.either());
        }
        2 => {
            let task = draft.task_then(then);
            field.made.set(number);
            task.complete_in_idle(mark.either());
        }
        3 => {
            let task = draft.task_then(then);
            field.made.set(number);
            drop(task);
        }
        _ => {
            let progress = Progress::new({
                let field = field.clone();
                move |_: u8| {
                    let made = field.made.get();
                    if number < made {
                        broken!("a progress of task {number} came after task {made} was made");
                    }
                }
            });
            let draft = draft.with(|it| it.progress(&progress));
            let (mark, hand) = worker::luggage(&mark);
            let task = draft.task_then(then);
            field.made.set(number);
            let running = task.run_in_thread(move |_| {
                progress.report(1);
                worker::dawdle();
                progress.report(2);
                let result = mark.either();
                drop((progress, hand));
                result
            });
            if fastrand::u8(..16) == 0 {
                running.wait();
            }
        }
    }
}

/// It can't be taken back any more: its result comes, whenever.
fn committed(draft: Draft) {
    let (mark, hand) = worker::luggage(&draft.mark());
    drop(draft.task().run_in_thread(move |worker| {
        let is_committed = worker.commit().is_ok();
        worker::dawdle();
        if is_committed && worker.is_cancelled() {
            broken!("a worker has committed, and is cancelled");
        }
        let result = mark.either();
        drop(hand);
        result
    }));
}
