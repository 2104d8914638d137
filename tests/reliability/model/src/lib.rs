//! The contract, attacked by random programs: what the library does is what a
//! model without GLib says of the same program.
//!
//! A [program](program) is run by the [runner] against the library, and the
//! [model] predicts it: which callbacks run with what, in which order, on which
//! thread and with which thread-default context, and where and when callbacks,
//! sources and results that nobody wants are dropped. [`check()`] compares the two.
//!
//! What is not in the language: who blocks until a group has ended, two workers that want the
//! places back that they have lent, and a sender that goes on as there is room. That is tried by the
//! contract's tests and, in every order, by `interleavings`.

pub mod campaign;
mod check;
pub mod event;
pub mod model;
pub mod program;
pub mod runner;
pub mod strategy;

pub use check::{Difference, Verdict, check};
