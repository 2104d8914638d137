//! [`Delay`]: whether what is due has had no turn for longer than it may be.
//!
//! It is asked once in each round of the loop, at `G_PRIORITY_DEFAULT`. So it costs no timer,
//! and nothing at all in a loop that sleeps; and one that never rests asks often.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// For how long, in microseconds.
static MAX: AtomicI64 = AtomicI64::new(100_000);

/// Sets for how long. [`Duration::MAX`] is for ever.
pub(crate) fn set_max(delay: Duration) {
    let microseconds = delay.as_nanos().div_ceil(1000);
    let microseconds = i64::try_from(microseconds).unwrap_or(i64::MAX);
    // ORDERING: a number that nothing else depends on.
    MAX.store(microseconds, Ordering::Relaxed);
}

pub(crate) fn max() -> Duration {
    match MAX.load(Ordering::Relaxed) {
        i64::MAX => Duration::MAX,
        microseconds => Duration::from_micros(microseconds.unsigned_abs()),
    }
}

/// See the module's documentation. Times are those of `g_get_monotonic_time`.
#[derive(Default)]
pub(super) struct Delay {
    /// When it was asked last; 0 when nothing was due then.
    asked: AtomicI64,
}

// ORDERING: as for `GiveWay`.
impl Delay {
    /// Nothing is due.
    #[inline]
    pub(super) fn forget(&self) {
        self.asked.store(0, Ordering::Relaxed);
    }

    /// Whether what is due since `since` is to have a turn in this round: it is late, or would be
    /// in the next one, if each takes as long as the last: until then, and until what is ready
    /// besides has been dispatched.
    pub(super) fn is_over(&self, since: i64) -> bool {
        let now = glib::monotonic_time();
        let asked = self.asked.swap(now, Ordering::Relaxed);
        let round = now - asked.max(since);
        now - since >= MAX.load(Ordering::Relaxed).saturating_sub(2 * round)
    }
}
