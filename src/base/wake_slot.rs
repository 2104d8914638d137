//! [`WakeSlot`]: where a future keeps its waker, for another thread to wake.
//!
//! The waker of a `GMainContext` is a source of it, and GLib does not bear that its context goes
//! while another thread touches the source. Whoever is woken may be done with its context at once.
//! So the waker stays the future's own: it is dropped where the future is polled or dropped, which
//! waits for as long as another thread is waking it.

use std::{mem, task::Waker, thread::ThreadId};

use super::{
    quietly::quietly,
    sync::{Condvar, Mutex, MutexGuard, PoisonError, lock},
};

/// See the module's documentation.
pub(crate) struct WakeSlot {
    slot: Mutex<Slot>,
    /// Signalled as the waker was woken.
    woken: Condvar,
}

struct Slot {
    waker: Option<Waker>,
    /// The thread that is waking it just now.
    waking: Option<ThreadId>,
}

impl WakeSlot {
    pub(crate) fn new() -> Self {
        Self {
            slot: Mutex::new(Slot {
                waker: None,
                waking: None,
            }),
            woken: Condvar::new(),
        }
    }

    /// Keeps `waker`, or nothing any more, in place of the last one, which is dropped here.
    pub(crate) fn set(&self, waker: Option<Waker>) {
        let here = std::thread::current().id();
        let mut slot = lock(&self.slot);
        // Unless it is this thread, and this is called by what is woken.
        while slot.waking.is_some_and(|thread| thread != here) {
            slot = wait(&self.woken, slot);
        }
        let last = mem::replace(&mut slot.waker, waker);
        // Unlocked: it is foreign code.
        drop(slot);
        drop(last);
    }

    /// Wakes the one that is there.
    pub(crate) fn wake(&self) {
        let mut slot = lock(&self.slot);
        let Some(waker) = slot.waker.take() else {
            return;
        };
        slot.waking = Some(std::thread::current().id());
        drop(slot);
        quietly(|| waker.wake_by_ref());
        let mut waker = Some(waker);
        let mut slot = lock(&self.slot);
        slot.waking = None;
        // It goes back to its future, which has not been polled meanwhile but by itself.
        if slot.waker.is_none() {
            mem::swap(&mut slot.waker, &mut waker);
        }
        drop(slot);
        self.woken.notify_all();
        drop(waker);
    }
}

fn wait<'a>(condvar: &Condvar, slot: MutexGuard<'a, Slot>) -> MutexGuard<'a, Slot> {
    let waited = condvar.wait(slot);
    waited.unwrap_or_else(PoisonError::into_inner)
}
