//! Tasks that are completed by hand, at home or by another thread.

use std::rc::Rc;

use glib::{MainContext, MainLoop, Priority};
use qio_task::{Error, QioTask};

use super::{ABANDONED, COMPLETED, EITHER, in_callback};
use crate::{
    draft::{Draft, PRIORITIES, any_priority},
    errand::{End, Errand, How},
    here::Here,
    kind::Kind,
    place::Life,
    result::{Fault, Mark, Value},
    token::{Token, Whereabouts},
    world::world,
};

/// Some at once: nothing that a task can do costs less.
pub fn inline(here: &Here) {
    inline_so_many(here, fastrand::u8(1..16));
}

pub fn inline_so_many(here: &Here, count: u8) {
    let at = here.whereabouts();
    for _ in 0..count {
        let token = Token::new(Kind::Inline, EITHER, Priority::DEFAULT_IDLE, &at);
        let mark = token.mark();
        let task = QioTask::builder().callback(move |result: Result<u64, Error<Fault>>| {
            token.end(&result);
            in_callback();
        });
        task.complete(match fastrand::u8(..) {
            0..16 => Err(mark.fault()),
            _ => Ok(mark.number()),
        });
    }
}

pub fn idle(here: &Here) {
    for _ in 0..fastrand::u8(1..8) {
        let draft = Draft::new(here, Kind::Idle, EITHER);
        let mark = draft.mark();
        draft.task().complete_in_idle(mark.either_in_turn());
    }
}

/// One task of each priority, so that the context looks for what waits there
/// for this thread. (When another one has found it, it is looked for again
/// after up to a second.)
pub fn nudge(here: &Here) {
    for priority in PRIORITIES {
        let draft = Draft::of(here, Kind::Idle, COMPLETED, priority);
        let mark = draft.mark();
        draft.task().complete_in_idle(Ok(mark.value_in_turn()));
    }
}

pub fn local(here: &Here) {
    let priority = any_priority();
    let token = Token::new(Kind::Local, COMPLETED, priority, &here.whereabouts());
    let mark = token.mark();
    let task = QioTask::builder().priority(priority).callback(
        move |result: Result<Rc<Value>, Error<Fault>>| {
            token.end(&result);
        },
    );
    let value = Rc::new(if fastrand::bool() {
        mark.value_in_turn()
    } else {
        return task.complete(Ok(Rc::new(mark.value())));
    });
    task.complete_in_idle(Ok(value));
}

pub fn dropped(here: &Here) {
    drop(Draft::new(here, Kind::Dropped, ABANDONED).task());
}

pub fn foreign(here: &Here) {
    let how = if fastrand::bool() {
        How::Complete
    } else {
        How::CompleteInIdle
    };
    send(here, Draft::new(here, Kind::Foreign, EITHER), how);
}

pub fn foreign_dropped(here: &Here) {
    let draft = Draft::new(here, Kind::ForeignDropped, ABANDONED);
    send(here, draft, How::Drop);
}

/// Makes the task, and has another thread end it.
pub fn send(here: &Here, draft: Draft, how: How) {
    let mark = draft.mark();
    let task = match how {
        // Its callback must not wait for a thread that waits for its return.
        How::RunAndWait => draft.task_then(|_| {}),
        _ => draft.task(),
    };
    give_away(here, task, mark, how);
}

/// Has another thread end `task`.
pub fn give_away(here: &Here, task: QioTask<Value, Fault>, mark: Mark, how: How) {
    let hand = here.hand();
    world().send(Errand::End(Box::new(End {
        task,
        mark,
        how,
        hand,
    })));
}

/// A task whose callback quits `main_loop`.
pub fn quitter(here: &Here, main_loop: &MainLoop) {
    let main_loop = main_loop.clone();
    let draft = Draft::new(here, Kind::Quitter, COMPLETED);
    let mark = draft.mark();
    let task = draft.task_then(move |_| main_loop.quit());
    // Where another home may hold up who completes it, a loop that does not
    // let that one have the context must not wait for it.
    if here.place.is_shared || fastrand::bool() {
        task.complete_in_idle(Ok(mark.value_in_turn()));
    } else {
        give_away(here, task, mark, How::Succeed);
    }
}

/// A few tasks of several priorities in a context of their own, in which
/// nothing else is: their order is known.
pub fn ordered(here: &Here) {
    let context = MainContext::new();
    let life = Life::of(&context);
    let at = Whereabouts {
        host: Some(here.host.clone()),
        life: life.clone(),
    };
    let came = Rc::new(std::cell::RefCell::new(Vec::new()));
    let mut sent = Vec::new();
    let ran = context.with_thread_default(|| {
        for number in 0..fastrand::u32(2..16) {
            let priority = any_priority();
            let token = Token::new(Kind::Ordered, COMPLETED, priority, &at);
            let mark = token.mark();
            let came = came.clone();
            let task = QioTask::builder().priority(priority).callback(
                move |result: Result<Value, Error<Fault>>| {
                    token.end(&result);
                    came.borrow_mut().push((priority, number));
                },
            );
            task.complete_in_idle(Ok(mark.value_in_turn()));
            sent.push((priority, number));
        }
        while context.iteration(false) {}
    });
    assert!(ran.is_ok(), "a new context has no owner");
    sent.sort_unstable();
    if *came.borrow() != sent {
        let came = came.borrow();
        crate::fail::broken!("by priority and then in turn: {sent:?} came as {came:?}");
    }
}
