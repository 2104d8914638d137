//! Tasks whose context dies before they can end, and tasks whose thread does.
//!
//! They are made when nothing else is left on that context or thread, and it
//! is not iterated any more: so exactly these end uncalled, and no task that
//! was lost can hide among them.

use std::{ops::ControlFlow, time::Duration};

use gio::prelude::CancellableExt;
use glib::{MainContext, Priority};
use qio_task::{Error, Progress, QioTask};

use super::{by_hand, grouped, worker};
use crate::{
    draft::Draft,
    ending::{Ending, Endings},
    errand::{Errand, How},
    fail::broken,
    here::Here,
    kind::Kind,
    place::Life,
    result::{Fault, Value},
    token::{Token, Whereabouts},
    world::world,
};

const UNCALLED: Endings = Endings::of(&[Ending::Uncalled]);

/// Makes some. The context of `here` is the thread's default, and dies next.
pub fn make(here: &Here) {
    // Where another thread might drop the context last, a driver would be
    // leaked, as is documented.
    if fastrand::u8(..8) == 0 {
        return driven(here);
    }
    for _ in 0..fastrand::u8(..16) {
        one(here);
    }
}

fn one(here: &Here) {
    let how = fastrand::u8(..9);
    if how == 0 {
        return anywhere(here);
    }
    let draft = Draft::new(here, Kind::Doomed, UNCALLED).with(grouped::perhaps);
    let mark = draft.mark();
    match how {
        1 => draft.task().complete_in_idle(mark.either()),
        2 => drop(draft.task()),
        3 => drop(worker::run(draft.task(), &mark)),
        4 => by_hand::give_away(here, draft.task(), mark, How::Complete),
        5 => by_hand::give_away(here, draft.task(), mark, How::Drop),
        6 => by_hand::give_away(here, draft.task(), mark, How::Run),
        7 => {
            let cancellable = gio::Cancellable::new();
            let timeout = Duration::from_millis(1);
            let draft = draft.with(|it| it.cancellable(&cancellable).timeout(timeout));
            let task = draft.task();
            cancellable.cancel();
            drop(worker::run(task, &mark));
        }
        _ => {
            let progress = Progress::new(|_: u8| broken!("a progress came on a dead context"));
            let (mark, hand) = worker::luggage(&mark);
            drop(draft.task().run_in_thread(move |_| {
                progress.report(1);
                let result = mark.either();
                drop((progress, hand));
                result
            }));
        }
    }
}

/// One whose callback may go anywhere, and with it the context.
fn anywhere(here: &Here) {
    let at = Whereabouts {
        host: None,
        life: here.life(),
    };
    let token = Token::new(Kind::Doomed, UNCALLED, Priority::DEFAULT_IDLE, &at);
    let mark = token.mark();
    let ended = move |result: Result<Value, Error<Fault>>| token.end(&result);
    let task = QioTask::builder().callback_on(&here.context(), ended);
    by_hand::give_away(here, task, mark, How::Complete);
}

fn driven(here: &Here) {
    let draft = Draft::new(here, Kind::Doomed, UNCALLED).with(grouped::perhaps);
    let never = || ControlFlow::Continue(());
    drop(draft.task().poll_every(Duration::from_mins(1), never));
}

/// Makes some tasks of a thread that ends next, in a context of their own:
/// that one comes home too late.
pub fn orphans(here: &Here) {
    let context = MainContext::new();
    let at = Whereabouts {
        host: Some(here.host.clone()),
        life: Life::of(&context),
    };
    let ran = context.with_thread_default(|| {
        for number in 0..4 {
            let token = Token::orphaned(&at);
            let mark = token.mark();
            let ended = move |result: Result<u64, Error<Fault>>| token.end(&result);
            let task = grouped::perhaps(QioTask::builder()).callback(ended);
            let number_of_task = mark.number();
            match number {
                0 => task.complete_in_idle(Ok(number_of_task)),
                1 => drop(task.run_in_thread(move |_| Ok(number_of_task))),
                2 => drop(task),
                _ => world().send(Errand::Orphan(task)),
            }
        }
    });
    assert!(ran.is_ok(), "a new context has no owner");
}
