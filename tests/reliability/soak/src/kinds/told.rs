//! Workers that send messages, of which each counts.

use std::{cell::Cell, rc::Rc};

use qio_task::Messages;

use super::{in_callback, worker};
use crate::{
    draft::Draft,
    ending::{Ending, Endings},
    fail::broken,
    here::Here,
    kind::Kind,
};

const SENT: Endings = worker::DONE;
const CANCELLED: Endings = worker::DONE.or(Ending::Cancelled);

/// All of them come, in order, before the task ends.
pub fn any(here: &Here) {
    let all = fastrand::u32(1..40);
    let is_cancelled = fastrand::u8(..4) == 0;
    let seen = Rc::new(Cell::new(0));
    let home = here.host.thread;
    let messages = Messages::new(fastrand::usize(1..8), {
        let seen = seen.clone();
        move |number: u32| {
            if number != seen.replace(number) + 1 || home != crate::place::thread_number() {
                broken!("message {number} came out of its order, or away from home");
            }
        }
    });
    let (kind, allowed) = if is_cancelled {
        (Kind::ToldCancelled, CANCELLED)
    } else {
        (Kind::Told, SENT)
    };
    let draft = Draft::new(here, kind, allowed).with(|builder| builder.messages(&messages));
    let (mark, hand) = worker::luggage(&draft.mark());
    let task = draft.task_then(move |value| {
        // None comes after this one.
        let seen = seen.replace(u32::MAX - 1);
        if value.is_some() && seen != all {
            broken!("a task completed after {seen} of {all} messages");
        }
        in_callback();
    });
    let running = task.run_in_thread(move |_| {
        for number in 1..=all {
            // Nobody hears of those that come after a cancellation.
            if messages.send(number).is_err() {
                break;
            }
        }
        drop(messages);
        let result = mark.either();
        drop(hand);
        result
    });
    if is_cancelled {
        worker::dawdle();
        running.cancel();
    } else if fastrand::u8(..4) == 0 {
        running.wait();
    }
}
