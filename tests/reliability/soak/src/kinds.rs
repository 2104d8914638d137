//! What is done with tasks: a step of a home thread, chosen at random.

pub mod anywhere;
pub mod awaited;
pub mod by_hand;
pub mod cancelled;
pub mod doomed;
pub mod driven;
pub mod grouped;
pub mod latest;
pub mod sabotage;
pub mod timed;
pub mod told;
pub mod worker;

use glib::MainLoop;

use crate::{
    ending::{Ending, Endings},
    here::{Here, here},
    world::world,
};

pub const COMPLETED: Endings = Endings::of(&[Ending::Completed]);
pub const EITHER: Endings = Endings::of(&[Ending::Completed, Ending::Failed]);
pub const ABANDONED: Endings = Endings::of(&[Ending::Abandoned]);
pub const CANCELLED: Endings = Endings::of(&[Ending::Cancelled]);
pub const TIMED_OUT: Endings = Endings::of(&[Ending::TimedOut]);

type Step = fn(&Here);

/// The steps, each with how often it is chosen among all.
static STEPS: [(u32, Step); 33] = [
    (600, by_hand::inline),
    (1500, by_hand::idle),
    (200, by_hand::local),
    (200, by_hand::dropped),
    (1500, by_hand::foreign),
    (150, by_hand::foreign_dropped),
    (4, by_hand::ordered),
    (1000, worker::detached),
    (100, worker::waited),
    (3, worker::dedicated),
    (30, worker::panicked),
    (60, worker::progressing),
    (50, worker::maker),
    (4, worker::nested),
    (60, worker::handed),
    (100, cancelled::before),
    (100, cancelled::pending),
    (60, cancelled::unchecked),
    (50, cancelled::busy),
    (60, cancelled::foreign),
    (40, cancelled::by_worker),
    (20, cancelled::in_callback),
    (40, cancelled::after),
    (40, timed::held),
    (10, timed::busy),
    (60, timed::never),
    (100, awaited::awaited),
    (60, awaited::dropped),
    (24, driven::any),
    (120, grouped::any),
    (20, grouped::waited),
    (150, latest::any),
    (80, told::any),
];

fn all() -> u32 {
    STEPS.iter().map(|(weight, _)| weight).sum()
}

/// Takes one step. The context of `here` is the thread's default.
pub fn step(here: &Here) {
    if let Some(how) = world().sabotage
        && fastrand::u16(..) < 16
    {
        sabotage::step(here, how);
    }
    let mut left = fastrand::u32(..all());
    for (weight, step) in &STEPS {
        if left < *weight {
            return step(here);
        }
        left -= weight;
    }
}

/// What a callback does when it has ended its task: now and then it makes
/// more, waits, or runs a loop of its own.
pub fn in_callback() {
    let chance = fastrand::u32(..1024);
    if chance >= 48 {
        return;
    }
    let Some(here) = here() else { return };
    here.deeper(|here| match chance {
        0..4 => run_loop(here),
        4..8 => {
            let context = here.context();
            for _ in 0..8 {
                context.iteration(false);
            }
        }
        _ => step(here),
    });
}

/// Runs a loop until one of its tasks quits it.
pub fn run_loop(here: &Here) {
    let main_loop = MainLoop::new(Some(&here.context()), false);
    by_hand::quitter(here, &main_loop);
    main_loop.run();
}
