//! [`GiveWay`]: one round of a context's loop in which a queue has nothing done, for sources of
//! a lower priority, such as a redraw.
//!
//! GLib dispatches what has the highest priority of all that is ready, and nothing else. So a
//! queue that is always ready lets nothing below it run, however short its dispatches are.
//! After a full one it says for one round that it is not ready.

use std::sync::atomic::{AtomicU8, Ordering};

/// See the module's documentation.
#[derive(Default)]
pub(super) struct GiveWay(AtomicU8);

/// Nothing is left out.
const NO: u8 = 0;
/// The next round is left out, or one that has been prepared is.
const NEXT: u8 = 1;
/// The round is left out that has been checked: the next to be prepared is the one after it.
const CHECKED: u8 = 2;

// ORDERING: all of this is done by the thread that iterates the context, and GLib hands the
// context on under a lock.
impl GiveWay {
    /// Leaves the next round out.
    pub(super) fn begin(&self) {
        self.0.store(NEXT, Ordering::Relaxed);
    }

    /// A round is being prepared: whether it is left out.
    #[inline]
    pub(super) fn is_prepared(&self) -> bool {
        if self.0.load(Ordering::Relaxed) == CHECKED {
            self.0.store(NO, Ordering::Relaxed);
        }
        self.is_on()
    }

    /// A round is being checked: whether it is left out.
    #[inline]
    pub(super) fn is_checked(&self) -> bool {
        if self.0.load(Ordering::Relaxed) == NEXT {
            self.0.store(CHECKED, Ordering::Relaxed);
        }
        self.is_on()
    }

    /// Whether this round is left out. A source that GLib has found ready in a round before is
    /// dispatched without being asked again.
    #[inline]
    pub(super) fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed) != NO
    }
}
