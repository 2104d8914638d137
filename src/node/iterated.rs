//! [`IteratedBy`]: which threads have iterated a context.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use super::home::{self, Home};
use crate::base::sync::lock;

/// See the module's documentation. What was before the context's first task is not known.
#[derive(Default)]
pub(crate) struct IteratedBy {
    /// The number of the last one.
    last: AtomicU32,
    threads: Mutex<Vec<Home>>,
}

/// How many are remembered. One thread iterates a context, or a few by turns.
const MANY: usize = 64;

impl IteratedBy {
    /// This thread iterates the context.
    #[inline]
    pub(super) fn note(&self) {
        let here = home::here();
        // ORDERING: it is written by who iterates the context, of which there is one at a time.
        if self.last.load(Ordering::Relaxed) != here.get() {
            self.note_another(here);
        }
    }

    #[cold]
    fn note_another(&self, here: Home) {
        let mut threads = lock(&self.threads);
        if !threads.contains(&here) {
            if threads.len() == MANY {
                threads.remove(0);
            }
            threads.push(here);
        }
        self.last.store(here.get(), Ordering::Relaxed);
    }

    /// Whether that thread has iterated it.
    pub(super) fn has(&self, thread: Home) -> bool {
        lock(&self.threads).contains(&thread)
    }
}
