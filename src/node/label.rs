//! [`Label`]: what a group is called.

use std::{
    fmt,
    panic::Location,
    sync::{Arc, Mutex},
};

use crate::base::sync::lock;

/// See the module's documentation.
pub(crate) struct Label {
    name: Mutex<Option<Arc<str>>>,
    /// Where it was made.
    place: &'static Location<'static>,
}

/// The same, as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Called {
    name: Option<Arc<str>>,
    place: &'static Location<'static>,
}

impl Label {
    /// Of a group that is made by the caller.
    #[track_caller]
    pub(crate) fn new() -> Self {
        Self {
            name: Mutex::new(None),
            place: Location::caller(),
        }
    }

    pub(crate) fn set_name(&self, name: &str) {
        *lock(&self.name) = Some(name.into());
    }

    pub(crate) fn name(&self) -> Option<Arc<str>> {
        lock(&self.name).clone()
    }

    pub(crate) fn get(&self) -> Called {
        Called {
            name: self.name(),
            place: self.place,
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name:?}"),
            None => write!(f, "made at {}", self.place),
        }
    }
}
