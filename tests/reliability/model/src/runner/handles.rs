//! What is done with the handles on a task under way.

use std::{
    pin::pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Wake, Waker},
};

use qio_task::{QioTask, Watch};

use super::{PATIENCE, RUNNING, WHO, World, watched::outcome, worker};
use crate::{
    event::{Id, What},
    program::{Slot, Thread, WorkerEnd},
};

/// A waker that tells.
struct Woken {
    world: Arc<World>,
    id: Id,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.world.log(WHO.get(), What::Woken(self.id));
    }
}

impl World {
    /// The number of the task, if this thread has its `Running`.
    fn running(&self, slot: Slot, by: Thread) -> Option<Id> {
        let state = self.state();
        let kept = state.slots[slot as usize].as_ref()?;
        (kept.running == Some(by)).then_some(kept.id)
    }

    pub(super) fn run_in_thread(self: &Arc<Self>, slot: Slot, by: Thread) -> Option<()> {
        let (id, task) = self.take_task(slot)?;
        let (starts, started) = mpsc::channel();
        let is_grouped = self.is_grouped(slot);
        let (running, link) = worker::run(self, id, task, starts, is_grouped);
        if is_grouped {
            RUNNING.with_borrow_mut(|all| all.insert(id, running));
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_mut()?;
            kept.running = Some(by);
            kept.waits = Some((link, started));
            return Some(());
        }
        let (_, has_started) = started.recv_timeout(PATIENCE).expect("a worker is lost");
        RUNNING.with_borrow_mut(|all| all.insert(id, running));
        let mut state = self.state();
        let kept = state.slots[slot as usize].as_mut()?;
        kept.running = Some(by);
        kept.worker = has_started.then_some(link);
        Some(())
    }

    pub(super) fn wait(self: &Arc<Self>, slot: Slot, end: WorkerEnd, by: Thread) -> Option<()> {
        let id = self.running(slot, by)?;
        let (link, is_delicate) = {
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_ref()?;
            let is_finished = RUNNING.with_borrow(|all| all[&id].is_finished());
            let may_wait = match kept.home {
                None => !state.is_taken(kept.context, by),
                // It would wait for the thread that waits for it.
                Some(home) => home == by || is_finished,
            };
            if !may_wait || kept.waits.is_some() || state.limits.has_lent(kept.id) {
                return None;
            }
            let has_handlers = state.has_handlers;
            let kept = state.slots[slot as usize].as_mut()?;
            kept.running = None;
            let link = if is_finished {
                None
            } else {
                kept.worker.take()
            };
            (link, kept.is_delicate || has_handlers)
        };
        let running = RUNNING.with_borrow_mut(|all| all.remove(&id))?;
        if let Some(link) = &link {
            link.let_finish(end);
            // Otherwise it may return before or after it is waited for.
            if is_delicate {
                link.wait_until_over();
            }
        }
        self.inline(id, || running.wait());
        if let Some(link) = link.filter(|_| !is_delicate) {
            link.wait_until_over();
        }
        Some(())
    }

    pub(super) fn ask(&self, slot: Slot) -> Option<()> {
        let (id, is_cancelled, runs, watched) = {
            let state = self.state();
            let kept = state.slots[slot as usize].as_ref()?;
            let is_cancelled = kept.task.as_ref().map(QioTask::is_cancelled);
            let watched = kept.watch.as_ref().map(Watch::is_finished);
            (kept.id, is_cancelled, kept.running.is_some(), watched)
        };
        let what = match is_cancelled {
            Some(is_cancelled) => What::IsCancelled(id, is_cancelled),
            None if runs => {
                let is_finished = RUNNING.with_borrow(|all| all[&id].is_finished());
                What::IsFinished(id, is_finished)
            }
            None => What::IsFinished(id, watched?),
        };
        self.log(WHO.get(), what);
        Some(())
    }

    pub(super) fn poll(self: &Arc<Self>, slot: Slot) -> Option<()> {
        let (id, mut future) = {
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_mut()?;
            (kept.id, kept.future.take()?)
        };
        let waker = Waker::from(Arc::new(Woken {
            world: self.clone(),
            id,
        }));
        let mut context = Context::from_waker(&waker);
        match pin!(&mut future).poll(&mut context) {
            Poll::Pending => {
                self.log(WHO.get(), What::Polled(id, None));
                self.state().slots[slot as usize].as_mut()?.future = Some(future);
            }
            Poll::Ready(result) => {
                let outcome = outcome(id, &result);
                self.log(WHO.get(), What::Polled(id, Some(outcome)));
                drop(result);
            }
        }
        Some(())
    }

    pub(super) fn cancel(&self, slot: Slot, by: Thread) -> Option<()> {
        if let Some(watch) = self.take_watch(slot) {
            watch.cancel();
            self.state().slots[slot as usize].as_mut()?.watch = Some(watch);
            return Some(());
        }
        let id = self.running(slot, by)?;
        RUNNING.with_borrow(|all| all[&id].cancel());
        Some(())
    }

    pub(super) fn detach(&self, slot: Slot, by: Thread) -> Option<()> {
        if let Some(watch) = self.take_watch(slot) {
            drop(watch);
            return Some(());
        }
        let id = self.running(slot, by)?;
        self.state().slots[slot as usize].as_mut()?.running = None;
        let running = RUNNING.with_borrow_mut(|all| all.remove(&id));
        drop(running);
        Some(())
    }
}
