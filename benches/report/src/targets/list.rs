//! Every target: whom it binds, and when it is met.

use super::view::{Reached, View, at_most, foreign, times};
use crate::case::Placement;
use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::unit::{SLEEP, Unit, digits};

/// A line of the table.
pub struct Target {
    pub measure: Measure,
    pub text: &'static str,
    pub backends: &'static [Contestant],
    pub placements: &'static [Placement],
    pub reach: fn(&View<'_>) -> Option<Reached>,
}

const NATIVE: &[Contestant] = &[Contestant::Native];
const SHIM: &[Contestant] = &[Contestant::Shim];
const BOTH: &[Contestant] = &[Contestant::Native, Contestant::Shim];
const ANYWHERE: &[Placement] = &Placement::ALL;
const MACHINE: &[Placement] = &[Placement::Machine];
const ONE_CORE: &[Placement] = &[Placement::OneCore];

const fn target(
    measure: Measure,
    text: &'static str,
    backends: &'static [Contestant],
    placements: &'static [Placement],
    reach: fn(&View<'_>) -> Option<Reached>,
) -> Target {
    Target {
        measure,
        text,
        backends,
        placements,
        reach,
    }
}

pub const FEW: u64 = 20_000;
pub const MANY: u64 = 1_000_000;

/// Line by line; ours against others in the same run, wherever that is possible.
pub static TARGETS: &[Target] = &[
    target(
        Measure::Inline,
        "inline ≤ 2 × limit",
        NATIVE,
        ANYWHERE,
        |view| view.inline(Contestant::Limit, 2.0),
    ),
    target(
        Measure::Inline,
        "inline ≤ 0.1 × GTask",
        NATIVE,
        ANYWHERE,
        |view| view.inline(Contestant::Gtask, 0.1),
    ),
    target(
        Measure::Inline,
        "inline ≤ 1.25 × GTask",
        SHIM,
        ANYWHERE,
        |view| view.inline(Contestant::Gtask, 1.25),
    ),
    target(
        Measure::RoundTrip,
        "round trip, p50 ≤ 1.25 × limit",
        NATIVE,
        ONE_CORE,
        |view| {
            let ours = view.ours(Measure::RoundTrip, None, "p50_ns")?;
            let limit = view.of(Contestant::Limit, Measure::RoundTrip, None, "p50_ns")?;
            Some(at_most(
                1.25,
                ours.median / limit.median,
                Contestant::Limit.name(),
            ))
        },
    ),
    target(
        Measure::RoundTrip,
        "round trip, p50 < every other contestant",
        NATIVE,
        ONE_CORE,
        |view| {
            let ours = view.ours(Measure::RoundTrip, None, "p50_ns")?.median;
            let (best, rival) = view
                .rivals(Measure::RoundTrip, None, "p50_ns")
                .min_by(|(a, _), (b, _)| a.total_cmp(b))?;
            Some(Reached {
                figure: times(ours / best, rival.name()),
                is_met: ours < best,
            })
        },
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 0.3 µs a task, on a quiet machine",
        NATIVE,
        ANYWHERE,
        |view| view.burst_within(FEW, 300.0),
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 0.15 × GTask",
        NATIVE,
        ANYWHERE,
        |view| view.burst(FEW, Contestant::Gtask, 0.15),
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 0.02 × QIOTask's method",
        NATIVE,
        ANYWHERE,
        |view| view.burst(FEW, Contestant::Qiotask, 0.02),
    ),
    target(
        Measure::Burst,
        "burst of 20,000 ≤ 1.25 × GTask",
        SHIM,
        ANYWHERE,
        |view| view.burst(FEW, Contestant::Gtask, 1.25),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 0.3 µs a task, on a quiet machine",
        NATIVE,
        ANYWHERE,
        |view| view.burst_within(MANY, 300.0),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 0.15 × GTask",
        NATIVE,
        ANYWHERE,
        |view| view.burst(MANY, Contestant::Gtask, 0.15),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 0.02 × QIOTask's method",
        NATIVE,
        ANYWHERE,
        |view| view.burst(MANY, Contestant::Qiotask, 0.02),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 ≤ 1.25 × GTask",
        SHIM,
        ANYWHERE,
        |view| view.burst(MANY, Contestant::Gtask, 1.25),
    ),
    target(
        Measure::Burst,
        "burst of 1,000,000 costs no more a task than of 20,000, within its upper quartile",
        NATIVE,
        ANYWHERE,
        |view| {
            let few = view.ours(Measure::Burst, Some(FEW), "per_task_ns")?;
            let many = view.ours(Measure::Burst, Some(MANY), "per_task_ns")?;
            Some(Reached {
                figure: times(many.median / few.median, "20,000"),
                is_met: many.median <= few.upper,
            })
        },
    ),
    target(
        Measure::Blockers,
        "400 blockers ≤ 1.3 × 100 ms",
        BOTH,
        MACHINE,
        |view| {
            let elapsed = view.ours(Measure::Blockers, Some(400), "elapsed_ns")?;
            Some(at_most(1.3, elapsed.median / SLEEP, "100 ms"))
        },
    ),
    target(
        Measure::Frame,
        "frame, worst ≤ 3 ms late",
        BOTH,
        MACHINE,
        |view| {
            let worst = view.ours(Measure::Frame, None, "worst_ns")?.median;
            Some(Reached {
                figure: Unit::Time.show(worst),
                is_met: worst <= 3e6,
            })
        },
    ),
    target(
        Measure::Frame,
        "frame, total ≤ 1.05 × without giving way",
        BOTH,
        MACHINE,
        |view| {
            // GTask never gives way, and its tasks are not to be had for less.
            let other = match view.contestant {
                Contestant::Shim => Contestant::Gtask,
                _ => Contestant::Limit,
            };
            let total = view.ours(Measure::Frame, None, "total_ns")?;
            let unbroken = view.of(other, Measure::Frame, None, "total_ns")?;
            Some(at_most(1.05, total.median / unbroken.median, other.name()))
        },
    ),
    target(
        Measure::Foreign,
        "foreign, 4 threads ≥ 2,000,000 a second, or 3 × the next best",
        NATIVE,
        ANYWHERE,
        foreign,
    ),
    target(
        Measure::Memory,
        "memory ≤ 256 bytes a pending task",
        NATIVE,
        MACHINE,
        |view| {
            let bytes = view.ours(Measure::Memory, None, "pending_bytes")?.median;
            Some(Reached {
                figure: format!("{} bytes", digits(bytes)),
                is_met: bytes <= 256.0,
            })
        },
    ),
    target(
        Measure::Idle,
        "idle: no wake-up once the threads have retired",
        BOTH,
        MACHINE,
        |view| {
            let wakeups = view
                .ours(Measure::Idle, None, "retired_wakeups_per_second")?
                .median;
            Some(Reached {
                figure: format!("{} a second", digits(wakeups)),
                is_met: wakeups == 0.0,
            })
        },
    ),
    target(
        Measure::Timeouts,
        "timeouts: ≤ 1.3 × without",
        NATIVE,
        ANYWHERE,
        |view| {
            let with = view.ours(Measure::Timeouts, None, "per_task_ns")?.median;
            let without = view.ours(Measure::Timeouts, None, "without_ns")?.median;
            Some(at_most(1.3, with / without, "without"))
        },
    ),
    target(
        Measure::Timeouts,
        "timeouts: no iteration over 5 ms",
        NATIVE,
        ANYWHERE,
        |view| {
            let longest = view.ours(Measure::Timeouts, None, "longest_ns")?.median;
            Some(Reached {
                figure: format!("{} ms", digits(longest / 1e6)),
                is_met: longest <= 5e6,
            })
        },
    ),
    target(
        Measure::Groups,
        "a group: ≤ 30 ns a task inline",
        NATIVE,
        ANYWHERE,
        |view| {
            let with = view.ours(Measure::Groups, None, "inline_ns")?.median;
            let without = view.ours(Measure::Groups, None, "inline_alone_ns")?.median;
            Some(Reached {
                figure: format!("{} ns", digits(with - without)),
                is_met: with - without <= 30.0,
            })
        },
    ),
    target(
        Measure::Groups,
        "a group's limit: ≤ 1.1 × as many threads",
        NATIVE,
        ANYWHERE,
        |view| {
            let limited = view.ours(Measure::Groups, None, "limited_ns")?.median;
            let threads = view.ours(Measure::Groups, None, "max_threads_ns")?.median;
            Some(at_most(1.1, limited / threads, "as many threads"))
        },
    ),
    target(
        Measure::Groups,
        "cancelling a group: ≤ 0.2 × a cancellable",
        NATIVE,
        ANYWHERE,
        |view| {
            let group = view.ours(Measure::Groups, None, "cancel_ns")?.median;
            let handlers = view.ours(Measure::Groups, None, "cancellable_ns")?.median;
            Some(at_most(0.2, group / handlers, "a cancellable"))
        },
    ),
    target(
        Measure::Messages,
        "messages ≥ 3 × async-channel",
        NATIVE,
        ANYWHERE,
        |view| {
            let ours = view.ours(Measure::Messages, None, "per_second")?.median;
            let (theirs, rival) = view
                .rivals(Measure::Messages, None, "per_second")
                .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
            Some(Reached {
                figure: times(ours / theirs, rival.name()),
                is_met: ours >= 3.0 * theirs,
            })
        },
    ),
];
