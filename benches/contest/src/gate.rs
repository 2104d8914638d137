//! Where workers stay for the rest of the program.

use std::{
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

static CLOSED: Mutex<()> = Mutex::new(());
static NEVER: Condvar = Condvar::new();
static ARRIVED: AtomicUsize = AtomicUsize::new(0);

/// Blocks this thread for ever: it ends with the process.
pub fn block() {
    ARRIVED.fetch_add(1, Ordering::Relaxed);
    let mut closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        closed = NEVER.wait(closed).unwrap_or_else(PoisonError::into_inner);
    }
}

/// Waits until `number` threads have been blocked, but not for longer than
/// `patience`. Says how many are.
pub fn wait_for(number: usize, patience: Duration) -> usize {
    let begun = Instant::now();
    loop {
        let arrived = ARRIVED.load(Ordering::Relaxed);
        if arrived >= number || begun.elapsed() >= patience {
            return arrived;
        }
        thread::sleep(Duration::from_millis(1));
    }
}
