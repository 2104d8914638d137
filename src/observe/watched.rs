//! [`Watched`]: whose callback is watched over.

use std::sync::Arc;

use super::facts::{Facts, Place};

/// What a callback belongs to.
#[derive(Debug, Clone)]
pub(crate) enum Watched {
    Task(Arc<Facts>),
    Progress {
        name: Option<Box<str>>,
        place: Place,
    },
    Messages {
        name: Option<Box<str>>,
        place: Place,
    },
}

impl Watched {
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Task(_) => "task",
            Self::Progress { .. } => "progress",
            Self::Messages { .. } => "messages",
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Task(facts) => facts.name.as_deref(),
            Self::Progress { name, .. } | Self::Messages { name, .. } => name.as_deref(),
        }
    }

    pub(super) fn place(&self) -> Place {
        match self {
            Self::Task(facts) => facts.place,
            Self::Progress { place, .. } | Self::Messages { place, .. } => *place,
        }
    }
}
