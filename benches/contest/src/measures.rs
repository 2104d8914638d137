//! What is measured, each measure once for all contestants.

#![allow(
    clippy::unnecessary_wraps,
    reason = "all measures have one signature, for the table"
)]

use std::num::NonZero;

pub mod blockers;
pub mod burst;
pub mod cancel;
pub mod foreign;
pub mod frame;
pub mod groups;
pub mod idle;
pub mod inline;
pub mod memory;
pub mod messages;
pub mod null;
pub mod round_trip;
pub mod timeouts;

/// The values of a measure, by name.
pub type Values = Vec<(&'static str, f64)>;

/// How much of it is measured, where the caller says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Size {
    pub n: Option<NonZero<usize>>,
    pub threads: Option<NonZero<usize>>,
    pub repeat: Option<NonZero<usize>>,
    pub seconds: Option<f64>,
}

impl Size {
    pub fn n_or(&self, default: usize) -> usize {
        self.n.map_or(default, NonZero::get)
    }

    pub fn repeat_or(&self, default: usize) -> usize {
        self.repeat.map_or(default, NonZero::get)
    }

    pub fn threads_or(&self, default: usize) -> usize {
        self.threads.map_or(default, NonZero::get)
    }
}
