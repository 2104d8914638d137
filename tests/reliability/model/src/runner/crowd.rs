//! Workers that wait for a thread, as there are as many as there may be.

use std::{
    collections::HashSet,
    num::NonZero,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        mpsc::{self, Sender},
    },
    thread,
};

use glib::MainContext;
use qio_task::{QioTask, set_max_threads};

use super::{PATIENCE, RUNNING, World, worker};
use crate::program::{Slot, Thread};

/// The maximum of threads is the whole process's: a program that changes it runs alone.
static MAXIMUM: RwLock<()> = RwLock::new(());

/// Held while a program runs.
#[expect(dead_code, reason = "it is a lock")]
pub(super) enum Maximum {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
}

pub(super) fn maximum(is_alone: bool) -> Maximum {
    if is_alone {
        Maximum::Alone(MAXIMUM.write().unwrap_or_else(PoisonError::into_inner))
    } else {
        Maximum::Shared(MAXIMUM.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn set_maximum(max: usize) {
    set_max_threads(NonZero::new(max).expect("there is one at least"));
}

/// A worker of no program, which keeps a thread of the pool busy.
struct Blocker {
    open: Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Blocker {
    /// Returns when it has its thread.
    fn new() -> Self {
        let (open, opened) = mpsc::channel();
        let (arrive, arrived) = mpsc::channel();
        let run = move || {
            QioTask::builder()
                .callback(|_: Result<(), qio_task::Error>| {})
                .run_in_thread(move |_| {
                    let _ = arrive.send(());
                    let _ = opened.recv_timeout(PATIENCE);
                    Ok(())
                })
                .wait();
        };
        let thread = thread::spawn(|| {
            let context = MainContext::new();
            context.with_thread_default(run).expect("its own");
        });
        arrived.recv_timeout(PATIENCE).expect("it has a thread");
        Self { open, thread }
    }

    fn leave(self) {
        let _ = self.open.send(());
        self.thread.join().expect("nothing panics");
    }
}

impl World {
    /// How many workers have threads of the pool.
    fn shared_workers(&self) -> usize {
        let state = self.state();
        let all = state.slots.iter().flatten();
        all.filter(|kept| kept.worker.is_some() && !kept.is_dedicated)
            .count()
    }

    pub(super) fn run_all(self: &Arc<Self>, cancelled: Option<Slot>, by: Thread) -> Option<()> {
        if self.state().limits.is_any_lent() {
            return None;
        }
        // One for each worker that runs, and one that is busy until all others wait.
        let mut threads = self.shared_workers() + 1;
        set_maximum(threads);
        let blocker = Blocker::new();
        let (starts, started) = mpsc::channel();
        let mut waiting = Vec::new();
        for slot in Slot::ALL {
            if self.is_grouped(slot) {
                continue;
            }
            if self.is_dedicated(slot) {
                let _ = self.run_in_thread(slot, by);
            } else if let Some((id, task)) = self.take_task(slot) {
                let (running, link) = worker::run(self, id, task, starts.clone(), false);
                RUNNING.with_borrow_mut(|all| all.insert(id, running));
                if let Some(kept) = self.state().slots[slot as usize].as_mut() {
                    kept.running = Some(by);
                }
                waiting.push((slot, id, link));
            }
        }
        if let Some((_, id, _)) = waiting.iter().find(|(slot, ..)| Some(*slot) == cancelled) {
            RUNNING.with_borrow(|all| all[id].cancel());
        }
        blocker.leave();
        // There is a thread for the next one as the last has started.
        let mut has_started = HashSet::new();
        for _ in &waiting {
            let start = started.recv_timeout(PATIENCE);
            if let (id, true) = start.expect("a worker is lost") {
                has_started.insert(id);
                threads += 1;
                set_maximum(threads);
            }
        }
        for (slot, id, link) in waiting {
            if let Some(kept) = self.state().slots[slot as usize].as_mut() {
                kept.worker = has_started.contains(&id).then_some(link);
            }
        }
        set_maximum(512);
        Some(())
    }

    fn is_dedicated(&self, slot: Slot) -> bool {
        let state = self.state();
        let kept = state.slots[slot as usize].as_ref();
        kept.is_some_and(|kept| kept.is_dedicated)
    }
}
