//! What is known of a task as it is made.

use std::{fmt, panic::Location, time::Instant};

use glib::MainContext;

use crate::{base::this_thread, context::current::global, node::label::Called};

/// A task, as it is made.
pub(crate) struct New<'a> {
    pub(crate) id: u64,
    pub(crate) name: Option<&'a str>,
    pub(crate) location: &'static Location<'static>,
    pub(crate) context: &'a MainContext,
    pub(crate) source_type: Option<glib::Type>,
    pub(crate) priority: glib::Priority,
    pub(crate) group: Option<Called>,
}

/// What does not change while a task is under way.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(super) name: Option<Box<str>>,
    pub(super) place: Place,
    pub(super) made: Instant,
    pub(super) source_type: Option<glib::Type>,
    pub(super) priority: glib::Priority,
    pub(super) group: Option<Called>,
}

impl Facts {
    pub(super) fn new(new: &New<'_>) -> Self {
        Self {
            name: new.name.map(Box::from),
            place: Place::in_rust(new.location),
            made: Instant::now(),
            source_type: new.source_type,
            priority: new.priority,
            group: new.group.clone(),
        }
    }
}

/// Where something was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// A thread that is busy with a task.
#[derive(Debug, Clone)]
pub(super) struct Thread {
    pub(super) name: Option<Box<str>>,
    pub(super) id: Option<u32>,
}

impl Thread {
    pub(super) fn current() -> Self {
        Self {
            name: this_thread::name().map(Box::from),
            id: this_thread::id(),
        }
    }
}

impl fmt::Display for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().unwrap_or("without a name");
        // It may be that of the task, and so whatever somebody has typed.
        write!(f, "thread {}", name.escape_debug())?;
        match self.id {
            Some(id) => write!(f, " ({id})"),
            None => Ok(()),
        }
    }
}

/// Where a context is, or was: it is compared and shown, and never looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Address(usize);

impl Address {
    pub(super) fn of(context: &MainContext) -> Self {
        Self(context.as_ptr().addr())
    }

    pub(super) fn at(address: usize) -> Self {
        Self(address)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::of(global()) {
            f.write_str("default")
        } else {
            write!(f, "{:#x}", self.0)
        }
    }
}
