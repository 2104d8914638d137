//! Who takes part in which measure: one table.

use clap::ValueEnum;

use crate::{
    contestants::{
        blocking::Blocking, gio::Gio, gtask::GTask, limit::Limit, qio::Qio, qiotask::QemuTask,
        tokio::Tokio,
    },
    measures::{Size, Values, burst, inline, round_trip},
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

/// Everything that this program can measure.
#[rustfmt::skip]
pub const OFFERS: &[Offer] = &[
    offer("qio-task", Measure::Inline, inline::run::<Qio>),
    offer("gtask",    Measure::Inline, inline::run::<GTask>),
    offer("qiotask",  Measure::Inline, inline::run::<QemuTask>),
    offer("limit",    Measure::Inline, inline::run::<Limit>),

    offer("qio-task", Measure::RoundTrip, round_trip::run::<Qio>),
    offer("gtask",    Measure::RoundTrip, round_trip::run::<GTask>),
    offer("gio",      Measure::RoundTrip, round_trip::run::<Gio>),
    offer("qiotask",  Measure::RoundTrip, round_trip::run::<QemuTask>),
    offer("blocking", Measure::RoundTrip, round_trip::run::<Blocking>),
    offer("tokio",    Measure::RoundTrip, round_trip::run::<Tokio>),
    offer("limit",    Measure::RoundTrip, round_trip::limit),

    offer("qio-task", Measure::Burst, burst::run::<Qio>),
    offer("gtask",    Measure::Burst, burst::run::<GTask>),
    offer("gio",      Measure::Burst, burst::run::<Gio>),
    offer("qiotask",  Measure::Burst, burst::run::<QemuTask>),
    offer("blocking", Measure::Burst, burst::run::<Blocking>),
    offer("tokio",    Measure::Burst, burst::run::<Tokio>),
    offer("limit",    Measure::Burst, burst::run::<Limit>),
];
