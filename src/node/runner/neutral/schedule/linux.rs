//! The schedule of a thread of Linux.
#![allow(unsafe_code)]

use std::{ffi::c_int, mem::MaybeUninit};

use rustix::process::{getpriority_process, setpriority_process};

use crate::base::foreign::measured;

/// A part that the system does not tell of is `None`.
pub(in super::super) struct Schedule {
    policy: Option<(c_int, libc::sched_param)>,
    nice: Option<i32>,
}

/// How often the call is timed as a thread starts.
const TIMES: usize = 4;

impl Schedule {
    /// That of this thread.
    pub(in super::super) fn here() -> Self {
        for _ in 1..TIMES {
            nice();
        }
        Self {
            policy: policy().and_then(|policy| Some((policy, parameters()?))),
            nice: nice(),
        }
    }

    /// Makes it that of this thread again. Says whether the system lets it.
    pub(in super::super) fn restore(&self) -> bool {
        let is_policy = self.policy.is_none_or(|(was, parameters)| {
            // SAFETY: it reads the parameters, which the system has told.
            policy() == Some(was)
                || unsafe { libc::sched_setscheduler(0, was, &raw const parameters) } == 0
        });
        let is_nice = self
            .nice
            .is_none_or(|was| nice() == Some(was) || setpriority_process(None, was).is_ok());
        is_policy && is_nice
    }
}

fn policy() -> Option<c_int> {
    // SAFETY: it tells a number.
    let policy = unsafe { libc::sched_getscheduler(0) };
    (policy >= 0).then_some(policy)
}

fn parameters() -> Option<libc::sched_param> {
    let mut parameters = MaybeUninit::uninit();
    // SAFETY: it fills the parameters, unless it fails.
    unsafe {
        let failed = libc::sched_getparam(0, parameters.as_mut_ptr()) != 0;
        (!failed).then(|| parameters.assume_init())
    }
}

fn nice() -> Option<i32> {
    measured(|| getpriority_process(None)).ok()
}
