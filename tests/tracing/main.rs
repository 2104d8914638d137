//! The feature `tracing`: the span of each task, and the events inside of it.
#![cfg(feature = "tracing")]

#[path = "../common/mod.rs"]
mod common;

mod events;
mod file;
mod inside;
mod late;
mod log;
mod outcomes;
mod panics;
mod spans;
mod subscribers;
