//! What is measured, and the values that each measure yields.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::unit::Unit;

/// A measure, in the order of the tables.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Make a task with a source and complete it on its own thread
    Inline,
    /// One empty worker at a time
    RoundTrip,
    /// N empty workers at once, until the last callback
    Burst,
    /// N workers that sleep 100 ms
    Blockers,
    /// The delay of a 60 Hz tick while 100,000 completions arrive
    Frame,
    /// Threads that complete tasks of one context as fast as they can
    Foreign,
    /// What a pending task and a running worker cost
    Memory,
    /// Wake-ups and processor time while nothing happens
    Idle,
    /// From `cancel` to the callback
    Cancel,
    /// 100,000 empty workers at once with a timeout each, and without
    Timeouts,
    /// What a group costs: a task, 1,000,000 empty workers with a limit, and to cancel 100,000
    Groups,
    /// 10,000,000 numbers from a thread to the main loop, through a bound of 1,024
    Messages,
    /// What the library adds to a stripped release binary
    Size,
}

/// A value of a measure: its key in the contestant's line, and how to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    pub key: &'static str,
    pub title: &'static str,
    pub unit: Unit,
}

const fn value(key: &'static str, title: &'static str, unit: Unit) -> Value {
    Value { key, title, unit }
}

impl Measure {
    pub fn name(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::RoundTrip => "round-trip",
            Self::Burst => "burst",
            Self::Blockers => "blockers",
            Self::Frame => "frame",
            Self::Foreign => "foreign",
            Self::Memory => "memory",
            Self::Idle => "idle",
            Self::Cancel => "cancel",
            Self::Timeouts => "timeouts",
            Self::Groups => "groups",
            Self::Messages => "messages",
            Self::Size => "size",
        }
    }

    /// What a table of it is called.
    pub fn title(self) -> &'static str {
        match self {
            Self::Inline => "Inline: make a task with a source, complete it on its own thread",
            Self::RoundTrip => "Round trip: one empty worker at a time",
            Self::Burst => "Burst: n empty workers at once until the last callback, a task",
            Self::Blockers => "Blockers: n workers that sleep 100 ms, in multiples of 100 ms",
            Self::Frame => "Frame: delay of a 60 Hz tick while 100,000 completions of 5 µs arrive",
            Self::Foreign => "Foreign completion: tasks of one context completed by n threads",
            Self::Memory => "Memory: beyond the user's own closures",
            Self::Idle => "Idle cost: with idle worker threads, and after they retired",
            Self::Cancel => "Cancel: with a busy worker, and 100,000 tasks on one cancellable",
            Self::Timeouts => "Timeouts: 100,000 empty workers at once with a timeout each",
            Self::Groups => {
                "Groups: inline, 1,000,000 empty workers with a limit of 4, cancelling 100,000"
            }
            Self::Messages => {
                "Messages: 10,000,000 numbers from a thread to the main loop, through a bound of 1,024"
            }
            Self::Size => "Size: what the library adds to a stripped release binary",
        }
    }

    /// What the limit does, where there is one.
    pub fn limit(self) -> Option<&'static str> {
        match self {
            Self::Inline => Some("one allocation and one reference"),
            Self::RoundTrip => Some("a bare ping-pong over a futex and an eventfd"),
            Self::Burst => Some("a queue under a mutex, one thread and an eventfd"),
            Self::Frame => Some("all of them delivered in one dispatch, without giving way"),
            _ => None,
        }
    }

    /// What is compared of libdex, whose tasks are futures: what a user of it would write.
    pub fn libdex(self) -> Option<&'static str> {
        match self {
            Self::Inline => Some(
                "a promise that is resolved, and what `dex_future_then` has put on it, with the \
                 source among its data",
            ),
            Self::Foreign => Some("promises, resolved by the threads"),
            Self::RoundTrip => {
                Some("a fiber on the main context awaits each; in a thread as in a burst")
            }
            Self::Burst | Self::Frame | Self::Idle => Some(
                "`dex_thread_pool_submit`, with as many threads as there are processors; before \
                 1.2 a fiber on its thread pool",
            ),
            Self::Blockers => Some(
                "`dex_thread_pool_submit`, with n threads, which all start at once; it has that \
                 since 1.2",
            ),
            Self::Memory => Some(
                "what waits for a thread as in a burst. Its threads, which all start before the \
                 first task, are no part of a running worker; before 1.2 their number can't be \
                 chosen, and none is measured",
            ),
            Self::Cancel => Some(
                "`dex_future_first` of the task and a `DexCancellable`, which calls back before \
                 `g_cancellable_cancel` returns",
            ),
            Self::Timeouts | Self::Groups | Self::Messages | Self::Size => None,
        }
    }

    /// What a contestant reports; nothing where no contestant runs.
    pub fn values(self) -> &'static [Value] {
        const PER_TASK: Value = value("per_task_ns", "a task", Unit::Time);
        match self {
            Self::Burst => const { &[PER_TASK] },
            Self::Inline => {
                const {
                    &[
                        value("per_task_ns", "at once", Unit::Time),
                        value("apart_ns", "in two dispatches", Unit::Time),
                    ]
                }
            }
            Self::RoundTrip => {
                const {
                    &[
                        value("p50_ns", "p50", Unit::Time),
                        value("p99_ns", "p99", Unit::Time),
                        value("p999_ns", "p99.9", Unit::Time),
                    ]
                }
            }
            Self::Blockers => const { &[value("elapsed_ns", "until the last", Unit::Sleeps)] },
            Self::Frame => {
                const {
                    &[
                        value("worst_ns", "worst delay", Unit::Time),
                        value("p99_ns", "p99 delay", Unit::Time),
                        value("total_ns", "total", Unit::Time),
                    ]
                }
            }
            Self::Foreign => const { &[value("per_second", "a second", Unit::Rate)] },
            Self::Memory => {
                const {
                    &[
                        value("pending_bytes", "a pending task", Unit::Bytes),
                        value("worker_bytes", "a running worker", Unit::Bytes),
                    ]
                }
            }
            Self::Idle => {
                const {
                    &[
                        value("wakeups_per_second", "wake-ups/s", Unit::Count),
                        value("cpu_ms_per_second", "CPU ms/s", Unit::Count),
                        value(
                            "retired_wakeups_per_second",
                            "retired: wake-ups/s",
                            Unit::Count,
                        ),
                        value(
                            "retired_cpu_ms_per_second",
                            "retired: CPU ms/s",
                            Unit::Count,
                        ),
                    ]
                }
            }
            Self::Cancel => {
                const {
                    &[
                        value("latency_ns", "to the callback, p50", Unit::Time),
                        value("fanout_per_task_ns", "of 100,000, a task", Unit::Time),
                    ]
                }
            }
            Self::Timeouts => {
                const {
                    &[
                        value("per_task_ns", "a task", Unit::Time),
                        value("without_ns", "without a timeout", Unit::Time),
                        value("longest_ns", "longest iteration", Unit::Time),
                    ]
                }
            }
            Self::Groups => {
                const {
                    &[
                        value("inline_ns", "inline, a task", Unit::Time),
                        value("inline_alone_ns", "without a group", Unit::Time),
                        value("limited_ns", "with a limit of 4, a task", Unit::Time),
                        value("max_threads_ns", "with 4 threads at most", Unit::Time),
                        value("cancel_ns", "cancelling all", Unit::Time),
                        value(
                            "cancellable_ns",
                            "a cancellable with as many handlers",
                            Unit::Time,
                        ),
                    ]
                }
            }
            Self::Messages => {
                const {
                    &[
                        value("per_second", "a second", Unit::Rate),
                        value("redraw_late_ns", "worst delay of a redraw", Unit::Time),
                    ]
                }
            }
            Self::Size => &[],
        }
    }

    /// The option by which its program is told how many; none where there is one size.
    pub fn option(self) -> Option<&'static str> {
        match self {
            Self::Burst | Self::Blockers => Some("--n"),
            Self::Foreign => Some("--threads"),
            _ => None,
        }
    }
}
