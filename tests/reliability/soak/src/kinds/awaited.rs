//! Tasks that are awaited.

use qio_task::QioTask;

use super::{CANCELLED, EITHER, by_hand, worker};
use crate::{
    draft::Draft,
    ending::Ending,
    errand::How,
    here::Here,
    kind::Kind,
    result::{Fault, Mark, Value},
};

/// By a loop that blocks on it, or in a future of the context. (Futures of
/// glib's are bound to their thread, so no other may iterate the context.)
pub fn awaited(here: &Here) {
    let draft = Draft::new(here, Kind::Awaited, EITHER.or(Ending::Refused));
    let mark = draft.mark();
    let (task, future, token) = draft.future();
    complete(here, task, mark);
    let ended = async move {
        token.end(&future.await);
    };
    let context = here.context();
    if here.place.is_shared || fastrand::u8(..) < 16 {
        context.block_on(ended);
    } else {
        drop(context.spawn_local(ended));
    }
}

/// Some way that does not depend on another home where the loop may wait for it.
fn complete(here: &Here, task: QioTask<Value, Fault>, mark: Mark) {
    match fastrand::u8(..4) {
        0 => task.complete_in_idle(mark.either()),
        1 if !here.place.is_shared => by_hand::give_away(here, task, mark, How::Complete),
        _ => drop(worker::run(task, &mark)),
    }
}

/// Nobody waits for it any more: it is cancelled, and its source goes.
pub fn dropped(here: &Here) {
    let draft = Draft::new(here, Kind::FutureDropped, CANCELLED);
    let mark = draft.mark();
    let (task, future) = draft.future_to_drop();
    match fastrand::u8(..3) {
        0 => {
            complete(here, task, mark);
            drop(future);
        }
        1 => {
            drop(future);
            complete(here, task, mark);
        }
        _ => {
            drop(future);
            task.complete(mark.either());
        }
    }
}
