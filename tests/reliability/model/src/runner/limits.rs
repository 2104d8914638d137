//! Workers that wait for places in their groups, or have lent them.

use std::{
    sync::{
        Arc,
        mpsc::{Sender, TryRecvError},
    },
    time::Duration,
    vec,
};

use super::{World, worker::Link};
use crate::{
    event::{Id, What, Who},
    model::Settled,
    program::{Slot, WorkerEnd},
};

/// Longer than it takes a thread to start on a busy machine. What is waited for in vain is a
/// difference, of which there are many in a row as a program is made small.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the runner knows of members that wait.
#[derive(Default)]
pub(super) struct Limits {
    /// Who goes on, from now on.
    settled: vec::IntoIter<Settled>,
    lent: Option<Lent>,
    /// Somebody was waited for in vain.
    is_astray: bool,
}

/// A worker that has lent its places: it waits for a task.
struct Lent {
    slot: Slot,
    id: Id,
    link: Link,
    /// Dropped, that task ends.
    lets_end: Sender<()>,
}

impl Limits {
    pub(super) fn new(settled: Vec<Settled>) -> Self {
        Self {
            settled: settled.into_iter(),
            ..Self::default()
        }
    }

    pub(super) fn is_any_lent(&self) -> bool {
        self.lent.is_some()
    }

    pub(super) fn has_lent(&self, id: Id) -> bool {
        self.lent.as_ref().is_some_and(|lent| lent.id == id)
    }
}

impl World {
    pub(super) fn is_grouped(&self, slot: Slot) -> bool {
        let state = self.state();
        let kept = state.slots[slot as usize].as_ref();
        kept.is_some_and(|kept| kept.is_grouped)
    }

    /// Has the worker of a member make a task and wait for that, which lends its places.
    pub(super) fn own(self: &Arc<Self>, slot: Slot, end: WorkerEnd) -> Option<()> {
        let (id, link) = {
            let mut state = self.state();
            if state.limits.is_any_lent() {
                return None;
            }
            let kept = state.slots[slot as usize].as_mut()?;
            (kept.id, kept.worker.take()?)
        };
        let lets_end = link.own(end);
        let lent = Lent {
            slot,
            id,
            link,
            lets_end,
        };
        self.state().limits.lent = Some(lent);
        Some(())
    }

    /// Waits until those members that go on are at their next stop, and notes all that have started.
    pub(super) fn settle(&self) {
        let Settled { starts, returns } = self.state().limits.settled.next().unwrap_or_default();
        let started = Slot::ALL
            .iter()
            .filter_map(|slot| self.settle_start(*slot, &starts));
        let mut started: Vec<_> = started.collect();
        started.sort_unstable();
        for id in started {
            self.log(Who::Worker(id), What::Started(id));
        }
        let lent = returns.and_then(|_| self.state().limits.lent.take());
        if let Some(lent) = lent {
            drop(lent.lets_end);
            self.check(lent.link.is_done_within(PATIENCE));
            if let Some(kept) = &mut self.state().slots[lent.slot as usize] {
                kept.worker = Some(lent.link);
            }
        }
    }

    /// Says which member has started there, if one has since it was looked at last.
    fn settle_start(&self, slot: Slot, starts: &[Id]) -> Option<Id> {
        let (id, (link, started)) = {
            let mut state = self.state();
            let kept = state.slots[slot as usize].as_mut()?;
            (kept.id, kept.waits.take()?)
        };
        let is_awaited = starts.contains(&id) && !self.state().limits.is_astray;
        let start = if is_awaited {
            started
                .recv_timeout(PATIENCE)
                .map_err(|_| TryRecvError::Disconnected)
        } else {
            started.try_recv()
        };
        self.check(start != Err(TryRecvError::Disconnected));
        let mut state = self.state();
        let kept = state.slots[slot as usize].as_mut()?;
        match start {
            Ok((_, true)) => {
                kept.worker = Some(link);
                return Some(id);
            }
            Err(TryRecvError::Empty) => kept.waits = Some((link, started)),
            // It is spared, or does not come.
            Ok((_, false)) | Err(TryRecvError::Disconnected) => {}
        }
        None
    }

    /// Notes that somebody was waited for in vain. From then on the program is not what the model
    /// says, and nobody is waited for.
    fn check(&self, has_come: bool) {
        if !has_come && !std::mem::replace(&mut self.state().limits.is_astray, true) {
            let message = "a member of a group does not go on".to_owned();
            self.log(Who::Stranger, What::Warned(message));
        }
    }
}
