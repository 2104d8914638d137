//! What one can see of tasks: those in flight, and callbacks that are slow.
//! Every test runs on both backends; spans and events are in `tests/tracing`.

#[path = "../common/mod.rs"]
mod common;

mod attacks;
mod debug;
mod environment;
mod facts;
mod gone;
mod groups;
mod kept;
#[cfg(unix)]
mod signals;
mod slow;
mod states;
mod switch;
mod unwinding;
mod views;
mod words;
