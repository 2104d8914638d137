//! [`GiveWay`]: one round of a context's loop in which a queue has nothing done, for sources of
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

/// The lowest priority that there is.
const LAST: i32 = i32::MAX;

/// See the module's documentation. It is besides the source that keeps the loop going meanwhile.
#[derive(Default)]
pub(super) struct GiveWay {
    round: AtomicU8,
    is_attached: AtomicBool,
}

/// Nothing is left out.
const NO: u8 = 0;
/// The next round is left out, or one that has been prepared is.
const NEXT: u8 = 1;
/// The round is left out that has been checked: the next to be prepared is the one after it.
const CHECKED: u8 = 2;

// ORDERING: all of this is done by the thread that iterates the context, and GLib hands the
// context on under a lock.
impl GiveWay {
    /// Leaves the next round out. Called in a dispatch of the context.
    pub(super) fn begin(self: &Arc<Self>) {
        self.round.store(NEXT, Ordering::Relaxed);
        if self.is_attached.swap(true, Ordering::Relaxed) {
            return;
        }
        // Below all others: the loop neither sleeps meanwhile, nor believes that nothing is due.
        if let Some(context) = dispatching() {
            let name = c"qio-task gives way";
            source::attach(self, &context, Priority::from(LAST), name, None);
        }
    }

    /// A round is being prepared: whether it is left out.
    #[inline]
    pub(super) fn is_prepared(&self) -> bool {
        if self.round.load(Ordering::Relaxed) == CHECKED {
            self.round.store(NO, Ordering::Relaxed);
        }
        self.is_on()
    }

    /// A round is being checked: whether it is left out.
    #[inline]
    pub(super) fn is_checked(&self) -> bool {
        if self.round.load(Ordering::Relaxed) == NEXT {
            self.round.store(CHECKED, Ordering::Relaxed);
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
