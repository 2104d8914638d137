//! Tasks with a timeout.

use std::{thread, time::Duration};

use super::{EITHER, TIMED_OUT, worker, worker::luggage};
use crate::{draft::Draft, ending::Ending, here::Here, kind::Kind};

fn soon() -> Duration {
    Duration::from_millis(fastrand::u64(0..6))
}

/// Held until it has timed out; what is done with it then is too late.
pub fn held(here: &Here) {
    let mut draft = Draft::new(here, Kind::TimedHeld, TIMED_OUT);
    let (mark, flag) = (draft.mark(), draft.flag());
    let task = draft.with(|it| it.timeout(soon())).task();
    here.when_ended(flag, move || match fastrand::u8(..4) {
        0 => drop(task),
        1 => task.complete(Ok(mark.value())),
        2 => task.complete_in_idle(Err(mark.fault())),
        _ => drop(worker::run(task, &mark)),
    });
}

/// Its worker runs until it hears of it.
pub fn busy(here: &Here) {
    let draft = Draft::new(here, Kind::TimedBusy, TIMED_OUT.or(Ending::Refused));
    let (mark, hand) = luggage(&draft.mark());
    let task = draft.with(|it| it.timeout(soon())).task();
    let running = task.run_in_thread(move |worker| {
        while !worker.is_cancelled() {
            thread::sleep(Duration::from_micros(200));
        }
        let result = mark.either();
        drop(hand);
        result
    });
    if fastrand::u8(..) < 32 {
        running.wait();
    }
}

/// Completed long before.
pub fn never(here: &Here) {
    let draft = Draft::new(here, Kind::TimedNever, EITHER.or(Ending::Refused));
    let mark = draft.mark();
    let task = draft.with(|it| it.timeout(Duration::from_hours(24))).task();
    match fastrand::u8(..3) {
        0 => task.complete(mark.either()),
        1 => task.complete_in_idle(mark.either_in_turn()),
        _ => drop(worker::run(task, &mark)),
    }
}
