//! One thing to be measured.

use std::fmt;

use serde::Serialize;

use crate::contestant::Contestant;
use crate::measure::Measure;
use crate::unit::grouped;

/// Where a contestant may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// On every core.
    Machine,
    /// On one, where noise is smallest.
    OneCore,
}

impl Placement {
    pub const ALL: [Self; 2] = [Self::Machine, Self::OneCore];

    pub fn name(self) -> &'static str {
        match self {
            Self::Machine => "whole machine",
            Self::OneCore => "one core",
        }
    }
}

/// A measure of a contestant at one size in one place; it is run several times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Case {
    pub measure: Measure,
    pub contestant: Contestant,
    pub placement: Placement,
    /// How many tasks, or how many threads: what [`Measure::option`] is told.
    pub size: Option<u64>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.measure.name())?;
        if let Some(size) = self.size {
            write!(f, " of {}", grouped(size))?;
        }
        write!(f, ", {}, {}", self.placement.name(), self.contestant.name())
    }
}
