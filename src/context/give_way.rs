//! [`GiveWay`]: a round of a context's loop in which a queue has nothing done, for sources of
//! a lower priority, such as a redraw.
//!
//! GLib dispatches what has the highest priority of all that is ready, and nothing else. So a
//! queue that is always ready lets nothing below it run, however short its dispatches are.
//! After a full one it says for one round that it is not ready.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU8, Ordering},
};

use glib::{ControlFlow, Priority};

use super::{
    current::dispatching,
    source::{self, Dispatch, Prepared},
};

/// See the module's documentation. It is besides the source that is dispatched as nothing else
/// is ready: then no more rounds are left out, and meanwhile the loop does not believe that
/// nothing is due.
#[derive(Default)]
pub(super) struct GiveWay {
    round: AtomicU8,
    is_attached: AtomicBool,
}

/// Nothing is left out.
const NO: u8 = 0;
/// The last round is left out that is to be: it has been checked, so the next one to be prepared
/// is another.
const LAST_CHECKED: u8 = 1;
/// The last round, which may have been prepared.
const LAST: u8 = 2;
/// The first one has been checked.
const FIRST_CHECKED: u8 = 3;
/// The next round is left out, or one that has been prepared. So is the one after it, if
/// something was ready in the first: who asks whether anything is pending has a round to itself.
const FIRST: u8 = 4;

/// The lowest priority that there is.
const LOWEST: i32 = i32::MAX;

// ORDERING: all of this is done by the thread that iterates the context, and GLib hands the
// context on under a lock.
impl GiveWay {
    /// Leaves the next round out. Called in a dispatch of the context.
    pub(super) fn begin(self: &Arc<Self>) {
        self.round.store(FIRST, Ordering::Relaxed);
        if let Some(context) = dispatching()
            && !self.is_attached.swap(true, Ordering::Relaxed)
        {
            let name = c"qio-task gives way";
            source::attach(self, &context, Priority::from(LOWEST), name, None);
        }
    }

    /// A round is being prepared: whether it is left out.
    #[inline]
    pub(super) fn prepare_round(&self) -> bool {
        match self.round.load(Ordering::Relaxed) {
            FIRST_CHECKED if self.is_attached.load(Ordering::Relaxed) => {
                self.round.store(LAST, Ordering::Relaxed);
            }
            FIRST_CHECKED | LAST_CHECKED => self.round.store(NO, Ordering::Relaxed),
            _ => {}
        }
        self.is_on()
    }

    /// A round is being checked: whether it is left out.
    #[inline]
    pub(super) fn check_round(&self) -> bool {
        match self.round.load(Ordering::Relaxed) {
            FIRST => self.round.store(FIRST_CHECKED, Ordering::Relaxed),
            LAST => self.round.store(LAST_CHECKED, Ordering::Relaxed),
            _ => {}
        }
        self.is_on()
    }

    /// Whether this round is left out. A source that GLib has found ready in a round before is
    /// dispatched without being asked again.
    #[inline]
    pub(super) fn is_on(&self) -> bool {
        self.round.load(Ordering::Relaxed) != NO
    }
}

impl Dispatch for GiveWay {
    fn prepare(&self) -> Prepared {
        Prepared::Ready
    }

    fn check(&self, _: bool) -> bool {
        true
    }

    fn dispatch(self: &Arc<Self>) -> ControlFlow {
        ControlFlow::Break
    }

    fn destroyed(&self) {
        self.is_attached.store(false, Ordering::Relaxed);
    }
}
