//! [`Neutral`]: a thread of the pool as its first job finds it, which is how each later one is
//! to find it.
//!
//! What a look costs next to nothing at is looked at after each job. What only the kernel knows
//! is looked at after those that may have called it. What takes more than a call each is left to
//! who does it, and named where the thread of a task's own is documented.

mod float;
mod locale;
mod schedule;

use self::{float::FloatMode, locale::Locale, schedule::Schedule};
use super::name;
use crate::{
    base::{foreign, signals::Mask},
    context::current::leave_thread_defaults,
};

/// See the module's documentation.
pub(super) struct Neutral {
    name: &'static str,
    float: FloatMode,
    locale: Locale,
    mask: Mask,
    schedule: Schedule,
}

impl Neutral {
    /// This thread, as it is now, which is called `name`.
    pub(super) fn here(name: &'static str) -> Self {
        Self {
            name,
            float: FloatMode::here(),
            locale: Locale::here(),
            mask: Mask::of_the_librarys_threads(),
            schedule: Schedule::here(),
        }
    }

    /// Undoes what a job has done to this thread. Says whether that was possible.
    #[inline]
    pub(super) fn restore(&self) -> bool {
        // First: their sources may be dropped with them, which is foreign code.
        if leave_thread_defaults() {
            foreign::untimed();
        }
        self.float.restore();
        self.locale.restore();
        !foreign::may_have_called() || self.restore_by_calls()
    }

    #[cold]
    #[inline(never)]
    fn restore_by_calls(&self) -> bool {
        self.mask.set();
        name::restore(self.name);
        self.schedule.restore()
    }
}
