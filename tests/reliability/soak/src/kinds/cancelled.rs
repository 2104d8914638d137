//! Tasks that are cancelled: before, during and after, by whom one likes.

use std::{
    thread,
    time::{Duration, Instant},
};

use gio::prelude::CancellableExt;
use qio_task::Running;

use super::{CANCELLED, COMPLETED, EITHER, by_hand, worker::luggage};
use crate::{
    draft::Draft,
    ending::{Ending, Endings},
    errand::{Errand, How},
    fail::broken,
    here::Here,
    kind::Kind,
    world::world,
};

/// A worker that is refused its thread has failed before it is cancelled.
const CANCELLED_OR_REFUSED: Endings = CANCELLED.or(Ending::Refused);

/// Its cancellable was cancelled before: its worker must never run.
pub fn before(here: &Here) {
    let cancellable = gio::Cancellable::new();
    cancellable.cancel();
    let draft = Draft::new(here, Kind::CancelledBefore, CANCELLED);
    let mark = draft.mark();
    let task = draft.with(|it| it.cancellable(&cancellable)).task();
    match fastrand::u8(..4) {
        0 => task.complete(Ok(mark.value())),
        1 => task.complete_in_idle(Ok(mark.value_in_turn())),
        2 => drop(task),
        _ => drop(task.run_in_thread(|_| broken!("a worker ran, though its task was cancelled"))),
    }
}

/// A success waits for its delivery, and gives way.
pub fn pending(here: &Here) {
    let cancellable = gio::Cancellable::new();
    let draft = Draft::new(here, Kind::CancelledPending, CANCELLED);
    let mark = draft.mark();
    let task = draft.with(|it| it.cancellable(&cancellable)).task();
    task.complete_in_idle(Ok(mark.value_in_turn()));
    cancellable.cancel();
}

/// A success that does not give way, nor does a failure.
pub fn unchecked(here: &Here) {
    let cancellable = gio::Cancellable::new();
    let draft = Draft::new(here, Kind::Unchecked, EITHER);
    let mark = draft.mark();
    let (check, result) = if fastrand::bool() {
        (false, Ok(mark.value_in_turn()))
    } else {
        (true, Err(mark.fault()))
    };
    let builder = |it: qio_task::Builder| it.cancellable(&cancellable).check_cancellable(check);
    draft.with(builder).task().complete_in_idle(result);
    cancellable.cancel();
}

/// Its worker runs until it hears of it.
pub fn busy(here: &Here) {
    let running = run_until_cancelled(
        here,
        Kind::CancelledBusy,
        CANCELLED_OR_REFUSED,
        Duration::MAX,
    );
    if fastrand::bool() {
        thread::yield_now();
    }
    running.cancel();
    if fastrand::u8(..) < 32 {
        running.wait();
    }
}

fn run_until_cancelled(here: &Here, kind: Kind, allowed: Endings, patience: Duration) -> Running {
    let draft = Draft::new(here, kind, allowed);
    let (mark, hand) = luggage(&draft.mark());
    draft.task().run_in_thread(move |worker| {
        let since = Instant::now();
        while worker.check_cancelled().is_ok() && since.elapsed() < patience {
            thread::sleep(Duration::from_micros(100));
        }
        let result = mark.either();
        drop(hand);
        result
    })
}

/// How long a worker waits for a callback to cancel it: the thread of that one may
/// wait for another worker meanwhile, and that one for the thread of this.
const PATIENCE: Duration = Duration::from_millis(20);

/// By its cancellable, while it may be completing.
pub fn foreign(here: &Here) {
    let cancellable = gio::Cancellable::new();
    let allowed = EITHER.or(Ending::Cancelled).or(Ending::Refused);
    let draft = Draft::new(here, Kind::CancelledForeign, allowed);
    let draft = draft.with(|it| it.cancellable(&cancellable));
    let how = match fastrand::u8(..4) {
        0 => How::Complete,
        1 => How::CompleteInIdle,
        2 => How::RunAndWait,
        _ => How::Run,
    };
    by_hand::send(here, draft, how);
    world().send(Errand::Cancel(cancellable));
}

pub fn by_worker(here: &Here) {
    let cancellable = gio::Cancellable::new();
    let draft = Draft::new(here, Kind::CancelledByWorker, CANCELLED_OR_REFUSED);
    let (mark, hand) = luggage(&draft.mark());
    let task = draft.with(|it| it.cancellable(&cancellable)).task();
    drop(task.run_in_thread(move |worker| {
        cancellable.cancel();
        if !worker.is_cancelled() {
            broken!("a worker has cancelled its task, and does not hear of it");
        }
        let result = mark.either();
        drop(hand);
        result
    }));
}

/// By the callback of another task.
pub fn in_callback(here: &Here) {
    let allowed = EITHER.or(Ending::Cancelled).or(Ending::Refused);
    let running = run_until_cancelled(here, Kind::CancelledInCallback, allowed, PATIENCE);
    let draft = Draft::new(here, Kind::Idle, COMPLETED);
    let mark = draft.mark();
    let task = draft.task_then(move |_| running.cancel());
    task.complete_in_idle(Ok(mark.value_in_turn()));
}

/// Too late: it has ended.
pub fn after(here: &Here) {
    let cancellable = gio::Cancellable::new();
    let mut draft = Draft::new(here, Kind::CancelledAfter, COMPLETED);
    let (mark, flag) = (draft.mark(), draft.flag());
    let task = draft.with(|it| it.cancellable(&cancellable)).task();
    if fastrand::bool() {
        task.complete(Ok(mark.value()));
        cancellable.cancel();
    } else {
        task.complete_in_idle(Ok(mark.value_in_turn()));
        here.when_ended(flag, move || cancellable.cancel());
    }
}
