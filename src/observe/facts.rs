//! What is known of a task as it is made.

use std::{fmt, panic::Location, time::Instant};

use super::New;

/// What does not change while a task is under way.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(super) name: Option<Box<str>>,
    pub(super) place: Place,
    pub(super) made: Instant,
    pub(super) source_type: Option<glib::Type>,
    pub(super) priority: glib::Priority,
}

impl Facts {
    pub(super) fn new(new: &New<'_>) -> Self {
        Self {
            name: new.name.map(Box::from),
            place: Place::in_rust(new.location),
            made: Instant::now(),
            source_type: new.source_type,
            priority: new.priority,
        }
    }
}

/// Where something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(super) location: &'static Location<'static>,
    /// Whether that is but the location of a function for programs in C.
    pub(super) is_in_c: bool,
}

impl Place {
    pub(crate) fn in_rust(location: &'static Location<'static>) -> Self {
        Self {
            location,
            is_in_c: false,
        }
    }

    #[cfg(feature = "capi")]
    #[track_caller]
    pub(crate) fn in_c() -> Self {
        Self {
            location: Location::caller(),
            is_in_c: true,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_in_c {
            f.write_str("in C")
        } else {
            write!(f, "at {}", self.location)
        }
    }
}
