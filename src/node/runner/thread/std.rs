//! A thread of the standard library.

use std::{
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
            let None = begin().run();
            drop(lock(&detached));
        }
    };
    let thread = thread::Builder::new().name(name).stack_size(stack_size);
    let started = thread.spawn(run).map(drop);
    drop(until_detached);
    started
}
