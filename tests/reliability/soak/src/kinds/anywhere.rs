//! Tasks for a context that another thread iterates.

use std::sync::atomic::Ordering::SeqCst;

use qio_task::{Builder, Error, Group, QioTask};

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

/// As [`make_in_turn`], for a worker: there are many of these, and the orders of
/// all would be kept for as long as the context lives.
pub fn make() {
    make_and_end(Mark::either);
}

/// Makes a task for some context, on a thread that owns none, and ends it.
pub fn make_in_turn() {
    make_and_end(Mark::either_in_turn);
}

fn make_and_end(result: fn(&Mark) -> Result<Value, Fault>) {
    match fastrand::u32(..256) {
        0..24 => {
            if let Some((task, mark, hand)) = draft(Kind::AnywhereRun, worker::DONE, plain) {
                drop(worker::run(task, &mark));
                drop(hand);
            }
        }
        24..28 => {
            if let Some((task, mark, hand)) = draft(Kind::AnywhereWaited, worker::DONE, plain) {
                worker::run(task, &mark).wait();
                drop(hand);
            }
        }
        28..40 => {
            if let Some((task, _, hand)) = draft(Kind::Anywhere, ABANDONED, plain) {
                drop(task);
                drop(hand);
            }
        }
        chance => {
            if let Some((task, mark, hand)) = draft(Kind::Anywhere, EITHER, plain) {
                if chance.is_multiple_of(2) {
                    task.complete(result(&mark));
                } else {
                    task.complete_in_idle(result(&mark));
                }
                drop(hand);
            }
        }
    }
}

/// Makes a task in `group` for some context, and ends it.
pub fn make_in(group: &Group, kind: Kind, allowed: Endings) {
    let Some((task, mark, hand)) = draft(kind, allowed, |it| it.group(group)) else {
        return;
    };
    match fastrand::u8(..3) {
        0 => drop(task),
        1 => task.complete_in_idle(mark.either()),
        _ => drop(worker::run(task, &mark)),
    }
    drop(hand);
}

fn plain(builder: Builder) -> Builder {
    builder
}

/// The hand is to be dropped last: the context is not to die on this thread.
fn draft(
    kind: Kind,
    allowed: Endings,
    change: impl FnOnce(Builder) -> Builder,
) -> Option<(QioTask<Value, Fault>, Mark, Hand)> {
    let (context, life, hand) = world().any_place().enter()?;
    if life.tally.tasks.load(SeqCst) > ENOUGH {
        return None;
    }
    let priority = any_priority();
    let at = Whereabouts { host: None, life };
    let token = Token::new(kind, allowed, priority, &at);
    let mark = token.mark();
    let builder = change(QioTask::builder().priority(priority));
    let task = builder.callback_on(&context, move |result: Result<Value, Error<Fault>>| {
        token.end(&result);
    });
    Some((task, mark, hand))
}
