//! A thread of the standard library.
//!
//! No call ends it: without the feature `capi` there are no calls, and Windows unwinds nothing as
//! a thread ends, nor tells of it.
#![allow(unsafe_code)]

use std::{
    cell::Cell,
    io,
    sync::{Arc, Mutex},
    thread,
};

use super::super::body::Begin;
use crate::base::sync::lock;

/// Starts a thread that nobody joins.
///
/// It does not end before it has been detached: glibc (2.36, for one) looks at a thread once
/// more after it has marked it as detached, and one that ends in this very moment has unmapped
/// its stack by then.
pub(super) fn start(name: String, stack_size: usize, begin: Begin) -> io::Result<()> {
    let detached = Arc::new(Mutex::new(()));
    let until_detached = lock(&detached);
    let run = {
        let detached = detached.clone();
        move || {
            let mut body = begin();
            while let Some(call) = body.run() {
                // SAFETY: the body hands out each call once. Frames with something to drop are
                // in between, which nothing unwinds.
                unsafe { call.make(&Cell::new(false)) };
            }
            drop(lock(&detached));
        }
    };
    let thread = thread::Builder::new().name(name).stack_size(stack_size);
    let started = thread.spawn(run).map(drop);
    drop(until_detached);
    started
}
