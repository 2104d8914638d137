//! Tasks for a context that another thread iterates.

use std::sync::atomic::Ordering::SeqCst;

use qio_task::{Error, QioTask};

use super::{ABANDONED, EITHER, worker};
use crate::{
    draft::any_priority,
    ending::Endings,
    kind::Kind,
    place::Hand,
    result::{Fault, Mark, Value},
    token::{Token, Whereabouts},
    world::world,
};

/// A context that has this many tasks under way gets no more from others.
const ENOUGH: i64 = 4000;

/// Makes a task for some context, on a thread that owns none, and ends it.
pub fn make() {
    match fastrand::u32(..256) {
        0..24 => {
            if let Some((task, mark, hand)) = draft(Kind::AnywhereRun, worker::DONE) {
                drop(worker::run(task, &mark));
                drop(hand);
            }
        }
        24..28 => {
            if let Some((task, mark, hand)) = draft(Kind::AnywhereWaited, worker::DONE) {
                worker::run(task, &mark).wait();
                drop(hand);
            }
        }
        28..40 => {
            if let Some((task, _, hand)) = draft(Kind::Anywhere, ABANDONED) {
                drop(task);
                drop(hand);
            }
        }
        chance => {
            if let Some((task, mark, hand)) = draft(Kind::Anywhere, EITHER) {
                if chance.is_multiple_of(2) {
                    task.complete(mark.either_in_turn());
                } else {
                    task.complete_in_idle(mark.either_in_turn());
                }
                drop(hand);
            }
        }
    }
}

/// The hand is to be dropped last: the context is not to die on this thread.
fn draft(kind: Kind, allowed: Endings) -> Option<(QioTask<Value, Fault>, Mark, Hand)> {
    let (context, life, hand) = world().any_place().enter()?;
    if life.tally.tasks.load(SeqCst) > ENOUGH {
        return None;
    }
    let priority = any_priority();
    let at = Whereabouts { host: None, life };
    let token = Token::new(kind, allowed, priority, &at);
    let mark = token.mark();
    let builder = QioTask::builder().priority(priority);
    let task = builder.callback_on(&context, move |result: Result<Value, Error<Fault>>| {
        token.end(&result);
    });
    Some((task, mark, hand))
}
