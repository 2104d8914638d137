//! The schedule of a thread of POSIX.
#![allow(unsafe_code)]

use std::{ffi::c_int, mem::MaybeUninit};

use rustix::process::getppid;

use crate::base::foreign::measured;

/// A part that the system does not tell of is `None`.
pub(in super::super) struct Schedule {
    policy: Option<Policy>,
    #[cfg(target_vendor = "apple")]
    class: Option<apple::Class>,
}

#[derive(Clone, Copy)]
struct Policy {
    number: c_int,
    parameters: libc::sched_param,
}

/// How often a call is timed as a thread starts.
const TIMES: usize = 4;

impl Schedule {
    /// That of this thread.
    pub(in super::super) fn here() -> Self {
        for _ in 0..TIMES {
            // What is asked below may be known without a call of the system. This is one, and short.
            measured(getppid);
        }
        Self {
            policy: Policy::here(),
            #[cfg(target_vendor = "apple")]
            class: apple::Class::here(),
        }
    }

    /// Makes it that of this thread again. Says whether the system lets it.
    pub(in super::super) fn restore(&self) -> bool {
        let is_policy = self.policy.is_none_or(Policy::restore);
        #[cfg(target_vendor = "apple")]
        let is_policy = is_policy && self.class.is_none_or(apple::Class::restore);
        is_policy
    }
}

impl Policy {
    fn here() -> Option<Self> {
        let (mut number, mut parameters) = (0, MaybeUninit::uninit());
        // SAFETY: places for both, which it fills unless it fails.
        unsafe {
            let this = libc::pthread_self();
            let failed =
                libc::pthread_getschedparam(this, &raw mut number, parameters.as_mut_ptr()) != 0;
            (!failed).then(|| Self {
                number,
                parameters: parameters.assume_init(),
            })
        }
    }

    fn is(self, other: Self) -> bool {
        self.number == other.number
            && self.parameters.sched_priority == other.parameters.sched_priority
    }

    fn restore(self) -> bool {
        if Self::here().is_some_and(|now| now.is(self)) {
            return true;
        }
        // SAFETY: it reads the parameters, which the system has told.
        unsafe {
            let this = libc::pthread_self();
            libc::pthread_setschedparam(this, self.number, &raw const self.parameters) == 0
        }
    }
}

#[cfg(target_vendor = "apple")]
mod apple {
    use std::ffi::{c_int, c_uint};

    // Those of the crate `libc` have an `enum` of the classes that it knows, for the number.
    unsafe extern "C" {
        fn pthread_get_qos_class_np(
            thread: libc::pthread_t,
            number: *mut c_uint,
            priority: *mut c_int,
        ) -> c_int;
        fn pthread_set_qos_class_self_np(number: c_uint, priority: c_int) -> c_int;
    }

    /// By what the system saves power.
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub(super) struct Class {
        number: c_uint,
        priority: c_int,
    }

    impl Class {
        /// `None` for a thread that has left all classes, for good, by a priority of its own.
        pub(super) fn here() -> Option<Self> {
            const UNSPECIFIED: c_uint = libc::qos_class_t::QOS_CLASS_UNSPECIFIED as c_uint;
            let (mut number, mut priority) = (UNSPECIFIED, 0);
            // SAFETY: places for two numbers.
            let failed = unsafe {
                let this = libc::pthread_self();
                pthread_get_qos_class_np(this, &raw mut number, &raw mut priority)
            };
            (failed == 0 && number != UNSPECIFIED).then_some(Self { number, priority })
        }

        pub(super) fn restore(self) -> bool {
            // SAFETY: both are what the system has told.
            Self::here() == Some(self)
                || unsafe { pthread_set_qos_class_self_np(self.number, self.priority) } == 0
        }
    }
}
