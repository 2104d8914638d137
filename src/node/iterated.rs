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
    /// This thread iterates the context. Says whether another one has done so last.
    #[inline]
    pub(super) fn note(&self) -> bool {
        let here = home::here();
        // ORDERING: it is written by who iterates the context, of which there is one at a time.
        let is_another = self.last.load(Ordering::Relaxed) != here.get();
        if is_another {
            self.note_another(here);
        }
        is_another
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
