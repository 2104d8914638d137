//! Callbacks that hold the main loop for longer than a frame.

use std::{panic::Location, time::Duration};

/// Whether callbacks that hold the main loop for longer than `limit` are told of.
pub fn set_slow_callback(_limit: Option<Duration>) {}

/// For how long a callback may hold the main loop before it is told of.
pub fn slow_callback() -> Option<Duration> {
    None
}

/// The places whose callbacks have held the main loop for too long, the slowest first.
pub fn slow_callbacks() -> Vec<SlowCallback> {
    Vec::new()
}

/// A place whose callbacks have held the main loop for too long.
#[derive(Debug, Clone)]
pub struct SlowCallback {
    name: Option<Box<str>>,
    location: &'static Location<'static>,
    longest: Duration,
    count: u64,
}

impl SlowCallback {
    /// The name of the task that held it for the longest.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Where the tasks were made.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// For how long the loop was held at most.
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// How often it was held for too long.
    pub fn count(&self) -> u64 {
        self.count
    }
}
