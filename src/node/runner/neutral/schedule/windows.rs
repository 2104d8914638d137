//! The schedule of a thread of Windows.
#![allow(unsafe_code)]

use windows_sys::Win32::System::Threading::{
    GetCurrentThread, GetThreadPriority, SetThreadPriority,
};

use crate::base::foreign::measured;

/// Within that of its process. `None` where the system does not tell.
pub(in super::super) struct Schedule(Option<i32>);

/// How often the call is timed as a thread starts.
const TIMES: usize = 4;

/// What is told where none can be, a number that no priority has.
const UNKNOWN: i32 = i32::MAX;

impl Schedule {
    /// That of this thread.
    pub(in super::super) fn here() -> Self {
        for _ in 1..TIMES {
            priority();
        }
        Self(priority())
    }

    /// Makes it that of this thread again. Says whether the system lets it.
    pub(in super::super) fn restore(&self) -> bool {
        self.0.is_none_or(|was| {
            // SAFETY: a priority that the system has told.
            priority() == Some(was) || unsafe { SetThreadPriority(GetCurrentThread(), was) != 0 }
        })
    }
}

fn priority() -> Option<i32> {
    // SAFETY: it tells a number.
    let priority = measured(|| unsafe { GetThreadPriority(GetCurrentThread()) });
    (priority != UNKNOWN).then_some(priority)
}
