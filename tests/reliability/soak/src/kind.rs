//! [`Kind`]: what is done with a task.

use std::fmt;

macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// What is done with a task, from its making to its end.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $(#[doc = $name] $kind,)* }

        impl Kind {
            pub const ALL: [Self; [$(Self::$kind),*].len()] = [$(Self::$kind),*];
        }

        impl fmt::Display for Kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$kind => $name,)* })
            }
        }
    };
}

kinds! {
    Inline "completed inline",
    Idle "completed in idle",
    Local "with a result that is not Send",
    Dropped "dropped at home",
    Foreign "completed by another thread",
    ForeignDropped "dropped by another thread",
    Handed "run in a thread by another thread",
    Worker "run in a thread",
    Waited "waited for",
    Dedicated "run in a thread of its own",
    Panicked "whose worker panics",
    Progressing "with progress",
    Maker "whose worker makes tasks",
    Nested "made and waited for in a worker",
    CancelledBefore "cancelled before it starts",
    CancelledPending "cancelled as its result waits",
    Unchecked "that cancelling does not touch",
    CancelledBusy "cancelled as its worker runs",
    CancelledForeign "cancelled by another thread",
    CancelledByWorker "cancelled by its worker",
    CancelledInCallback "cancelled in a callback",
    CancelledAfter "cancelled after its end",
    TimedHeld "timed out as it is held",
    TimedBusy "timed out as its worker runs",
    TimedNever "with a timeout that is not reached",
    Awaited "awaited",
    FutureDropped "whose future is dropped",
    Polled "polled by the loop",
    Watched "that watches a descriptor",
    Anywhere "for a context of another thread",
    AnywhereRun "the same, run in a thread",
    AnywhereWaited "the same, waited for",
    Grouped "in a group",
    GroupWaited "whose group is waited for",
    GroupNested "waited for by another of its group",
    GroupRefused "in a group that is closed",
    GroupEnded "that tells of a group's end",
    Latest "that a newer one replaces",
    Committed "replaced, past the point of no return",
    Told "with messages",
    ToldCancelled "with messages, cancelled",
    Quitter "that quits a loop",
    Ordered "in a context of a moment",
    Doomed "whose context dies",
    Orphaned "whose thread ends",
}
