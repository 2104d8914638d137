//! The home threads: each iterates a context, and makes tasks there.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    thread,
    time::{Duration, Instant},
};

use crate::{
    fail::broken,
    here::Here,
    kinds::{self, by_hand, doomed},
    ledger::Sums,
    place::{Place, Tally},
    world::{Phase, world},
};

/// A thread with more tasks under way than this makes no more for now.
const ENOUGH: i64 = 2000;

/// How a home thread lives.
#[derive(Clone, Copy)]
pub struct Manners {
    pub seed: u64,
    /// Whether it looks after its context's successors: one of those who share it does.
    pub replaces_context: bool,
    /// Whether tasks are left to it as it ends.
    pub leaves_orphans: bool,
    /// How long something may take.
    pub patience: Duration,
}

/// Lives as a home of `place` for a while, or until the soak stops.
pub fn live(place: &Arc<Place>, manners: Manners) {
    fastrand::seed(manners.seed);
    let here = Here::begin(place);
    let ends = moment(4000..16000);
    let mut next_context = moment(200..2000);
    loop {
        match world().phase() {
            Phase::Run if Instant::now() >= ends => break,
            Phase::Run if manners.replaces_context && Instant::now() >= next_context => {
                replace_context(&here, manners);
                next_context = moment(200..2000);
            }
            Phase::Run if !place.is_closing() => {
                if !here.within(|context| round(&here, context)) {
                    // Another one has it, or a thread that waits for one task.
                    thread::sleep(Duration::from_micros(100));
                }
            }
            Phase::Run | Phase::Drain => quiet_round(&here),
            Phase::Park => world().park(),
            Phase::Leave | Phase::Stop => break,
        }
    }
    leave(&here, manners);
}

fn moment(milliseconds: std::ops::Range<u64>) -> Instant {
    Instant::now() + Duration::from_millis(fastrand::u64(milliseconds))
}

/// Makes some tasks, and iterates the context in one way or another.
fn round(here: &Here, context: &glib::MainContext) {
    here.sweep();
    let tasks = here.host.tally.tasks.load(SeqCst);
    if tasks < ENOUGH {
        for _ in 0..fastrand::u8(1..64) {
            kinds::step(here);
        }
    }
    match fastrand::u8(..8) {
        0 => kinds::run_loop(here),
        // Only once: the rest is for the next round.
        1 => {
            context.iteration(false);
        }
        2 => by_hand::dropped(here),
        _ => _ = iterate(context),
    }
    if tasks >= ENOUGH {
        thread::sleep(Duration::from_micros(200));
    }
}

/// Iterates the context while it has something to do, but not for ever: what
/// the task of another thread watches stays ready until that one has its turn.
fn iterate(context: &glib::MainContext) -> usize {
    (0..256).take_while(|_| context.iteration(false)).count()
}

/// Makes nothing, but ends what there is.
fn quiet_round(here: &Here) {
    let mut is_idle = true;
    here.within(|context| {
        here.sweep();
        if here.place.is_shared && here.host.tally.tasks.load(SeqCst) > 0 {
            by_hand::nudge(here);
        }
        is_idle = iterate(context) == 0;
        // What other threads have sent here is looked at as the library is next used.
        by_hand::inline_so_many(here, 1);
    });
    if is_idle {
        thread::sleep(Duration::from_micros(200));
    }
}

/// Waits until nothing is under way that `what` counts.
fn drain(here: &Here, manners: Manners, what: &str, tally: &Tally) {
    let since = Instant::now();
    while !tally.is_empty() || here.has_stash() {
        quiet_round(here);
        if since.elapsed() > manners.patience {
            broken!(
                "{what} has waited for {:?} for its last tasks; pending:\n{}",
                manners.patience,
                Sums::take().pending_by_kind()
            );
        }
    }
}

/// Ends what is under way on the context, dooms some tasks to die with it, and
/// goes on with another one.
fn replace_context(here: &Here, manners: Manners) {
    let place = &here.place;
    if place.is_global() {
        return;
    }
    let life = place.close();
    drain(here, manners, "a context that is to die", &life.tally);
    let doom = |context: &glib::MainContext| {
        iterate(context);
        if !place.is_shared {
            doomed::make(here);
        }
    };
    // Nobody else can have it: all tasks have ended, and all hands are off.
    while !here.within(doom) {
        thread::yield_now();
    }
    here.forget_context();
    place.replace();
}

/// Ends what is under way on the thread, which ends then.
fn leave(here: &Here, manners: Manners) {
    if manners.replaces_context && !here.place.is_shared {
        replace_context(here, manners);
    }
    drain(here, manners, "a thread that is to end", &here.host.tally);
    here.within(|context| _ = iterate(context));
    if manners.leaves_orphans {
        doomed::orphans(here);
    }
    here.end();
}
