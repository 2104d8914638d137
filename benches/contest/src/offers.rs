//! Who takes part in which measure: one table.

use clap::ValueEnum;

#[cfg(libdex)]
use crate::contestants::libdex::Libdex;

use crate::{
    contestants::{
        async_channel::AsyncChannel, blocking::Blocking, gio::Gio, gtask::GTask, limit::Limit,
        qio::Qio, qiotask::QemuTask, tokio::Tokio,
    },
    measures::{
        Size, Values, blockers, burst, cancel, foreign, frame, groups, idle, inline, memory,
        messages, null, round_trip, timeouts,
    },
};

/// A measure, as the command line has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Make a task with a source object and complete it on its own thread
    Inline,
    /// One empty worker at a time
    RoundTrip,
    /// Empty workers at once
    Burst,
    /// Workers that sleep for 100 ms
    Blockers,
    /// How late a tick of 60 Hz is under a flood of completions
    Frame,
    /// Threads complete tasks of one context
    Foreign,
    /// What pending tasks and running workers occupy
    Memory,
    /// What idle threads cost
    Idle,
    /// How soon a cancelled task ends
    Cancel,
    /// Empty workers at once, with a timeout each
    Timeouts,
    /// What a group costs
    Groups,
    /// Numbers from a thread to the main loop, through a bound of 1,024
    Messages,
    /// One trivial task
    Null,
}

/// One measure of one contestant.
pub struct Offer {
    pub contestant: &'static str,
    pub measure: Measure,
    pub run: fn(&Size) -> anyhow::Result<Values>,
}

const fn offer(
    contestant: &'static str,
    measure: Measure,
    run: fn(&Size) -> anyhow::Result<Values>,
) -> Offer {
    Offer {
        contestant,
        measure,
        run,
    }
}

/// Everything that this program can measure. libdex takes part where the system has it;
/// in *blockers*, where it has the pool of threads for functions that block.
#[rustfmt::skip]
pub const OFFERS: &[Offer] = &[
    offer("qio-task", Measure::Inline, inline::run::<Qio>),
    offer("gtask",    Measure::Inline, inline::run::<GTask>),
    offer("qiotask",  Measure::Inline, inline::run::<QemuTask>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Inline, inline::run::<Libdex>),
    offer("limit",    Measure::Inline, inline::run::<Limit>),

    offer("qio-task", Measure::RoundTrip, round_trip::run::<Qio>),
    offer("gtask",    Measure::RoundTrip, round_trip::run::<GTask>),
    offer("gio",      Measure::RoundTrip, round_trip::run::<Gio>),
    offer("qiotask",  Measure::RoundTrip, round_trip::run::<QemuTask>),
    offer("blocking", Measure::RoundTrip, round_trip::run::<Blocking>),
    offer("tokio",    Measure::RoundTrip, round_trip::run::<Tokio>),
    #[cfg(libdex)]
    offer("libdex",   Measure::RoundTrip, round_trip::run::<Libdex>),
    offer("limit",    Measure::RoundTrip, round_trip::limit),

    offer("qio-task", Measure::Burst, burst::run::<Qio>),
    offer("gtask",    Measure::Burst, burst::run::<GTask>),
    offer("gio",      Measure::Burst, burst::run::<Gio>),
    offer("qiotask",  Measure::Burst, burst::run::<QemuTask>),
    offer("blocking", Measure::Burst, burst::run::<Blocking>),
    offer("tokio",    Measure::Burst, burst::run::<Tokio>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Burst, burst::run::<Libdex>),
    offer("limit",    Measure::Burst, burst::run::<Limit>),

    offer("qio-task", Measure::Blockers, blockers::run::<Qio>),
    offer("gtask",    Measure::Blockers, blockers::run::<GTask>),
    offer("gio",      Measure::Blockers, blockers::run::<Gio>),
    offer("qiotask",  Measure::Blockers, blockers::run::<QemuTask>),
    offer("blocking", Measure::Blockers, blockers::run::<Blocking>),
    offer("tokio",    Measure::Blockers, blockers::run::<Tokio>),
    #[cfg(libdex_pool)]
    offer("libdex",   Measure::Blockers, blockers::run::<Libdex>),

    offer("qio-task", Measure::Frame, frame::run::<Qio>),
    offer("gtask",    Measure::Frame, frame::run::<GTask>),
    offer("gio",      Measure::Frame, frame::run::<Gio>),
    offer("qiotask",  Measure::Frame, frame::run::<QemuTask>),
    offer("blocking", Measure::Frame, frame::run::<Blocking>),
    offer("tokio",    Measure::Frame, frame::run::<Tokio>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Frame, frame::run::<Libdex>),
    offer("limit",    Measure::Frame, frame::run::<Limit>),

    offer("qio-task", Measure::Foreign, foreign::run::<Qio>),
    offer("gtask",    Measure::Foreign, foreign::run::<GTask>),
    offer("qiotask",  Measure::Foreign, foreign::run::<QemuTask>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Foreign, foreign::run::<Libdex>),
    offer("limit",    Measure::Foreign, foreign::run::<Limit>),

    offer("qio-task", Measure::Memory, memory::run_and_hold::<Qio>),
    offer("gtask",    Measure::Memory, memory::run_and_hold::<GTask>),
    offer("gio",      Measure::Memory, memory::run::<Gio>),
    offer("qiotask",  Measure::Memory, memory::run_with_threads::<QemuTask>),
    offer("blocking", Measure::Memory, memory::run::<Blocking>),
    offer("tokio",    Measure::Memory, memory::run::<Tokio>),
    #[cfg(libdex_pool)]
    offer("libdex",   Measure::Memory, memory::run_and_hold::<Libdex>),
    #[cfg(all(libdex, not(libdex_pool)))]
    offer("libdex",   Measure::Memory, memory::run_pending::<Libdex>),

    offer("qio-task", Measure::Idle, idle::run::<Qio>),
    offer("gtask",    Measure::Idle, idle::run::<GTask>),
    offer("gio",      Measure::Idle, idle::run::<Gio>),
    offer("qiotask",  Measure::Idle, idle::run::<QemuTask>),
    offer("blocking", Measure::Idle, idle::run::<Blocking>),
    offer("tokio",    Measure::Idle, idle::run::<Tokio>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Idle, idle::run::<Libdex>),

    offer("qio-task", Measure::Cancel, cancel::run::<Qio>),
    offer("gtask",    Measure::Cancel, cancel::run::<GTask>),
    offer("gio",      Measure::Cancel, cancel::run::<Gio>),
    offer("blocking", Measure::Cancel, cancel::run::<Blocking>),
    offer("tokio",    Measure::Cancel, cancel::run::<Tokio>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Cancel, cancel::run::<Libdex>),

    offer("qio-task", Measure::Timeouts, timeouts::run::<Qio>),

    offer("qio-task", Measure::Groups, groups::run::<Qio>),

    offer("qio-task",      Measure::Messages, messages::run::<Qio>),
    offer("async-channel", Measure::Messages, messages::run::<AsyncChannel>),

    offer("qio-task", Measure::Null, null::run::<Qio>),
    offer("gtask",    Measure::Null, null::run::<GTask>),
    offer("gio",      Measure::Null, null::run::<Gio>),
    offer("qiotask",  Measure::Null, null::run::<QemuTask>),
    offer("blocking", Measure::Null, null::run::<Blocking>),
    offer("tokio",    Measure::Null, null::run::<Tokio>),
    #[cfg(libdex)]
    offer("libdex",   Measure::Null, null::run::<Libdex>),
    offer("limit",    Measure::Null, null::run::<Limit>),
];
