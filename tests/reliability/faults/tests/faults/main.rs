//! What happens when the system refuses, ends or surprises. Every test runs on
//! both backends, and in a process of its own where its fault is the process's.
#![cfg(target_os = "linux")]
#![deny(unsafe_code)]

#[path = "../../../../common/mod.rs"]
mod common;

mod clocks;
mod dead_context;
mod descriptors;
mod destructors;
mod documented;
mod ended_thread;
mod ends;
mod forked;
mod gtasks;
mod inactivity;
mod inline_panics;
mod interposed;
mod loops;
mod processes;
mod signals;
mod system;
mod threads;
