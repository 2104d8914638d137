//! The places of workers in groups with a limit, in the model.

use std::mem;

use super::{Model, task::Worker};
use crate::{
    event::{Id, What, Who},
    program::{Max, WorkerEnd},
};

#[derive(Default)]
pub(super) struct Limits {
    /// Those that wait for their places: by their priority, and equals in order.
    waiting: Vec<Id>,
    /// The one that has lent its places, and how the task ends that it waits for.
    lent: Option<(Id, WorkerEnd)>,
    /// Those that go on since the others were settled.
    last: Settled,
    pub(super) settled: Vec<Settled>,
}

/// Members of groups that have their places now.
#[derive(Clone, Default)]
pub(crate) struct Settled {
    /// Their workers start.
    pub(crate) starts: Vec<Id>,
    /// The task that its worker waits for ends so: it has the places again that it has lent.
    pub(crate) returns: Option<(Id, WorkerEnd)>,
}

impl Model {
    /// The worker of a task starts, or waits for its places.
    pub(super) fn take_places(&mut self, id: Id) {
        self.task(id).worker = Worker::Waiting;
        let level = self.task(id).level();
        let waiting = &self.limits.waiting;
        let is_before = |other: &Id| self.tasks[*other as usize].level() <= level;
        let index = waiting.partition_point(is_before);
        self.limits.waiting.insert(index, id);
        self.hand_out_places();
    }

    /// The worker of a task has returned.
    pub(super) fn give_places_back(&mut self, id: Id) {
        for group in self.task(id).limits.clone() {
            self.group(group).at_work -= 1;
        }
        self.hand_out_places();
    }

    pub(super) fn set_max_threads(&mut self, group: Id, max: Max) {
        self.group(group).max_threads = max.get();
        self.hand_out_places();
    }

    /// Each that has places now goes on. What a worker that has lent its own waits for ends as
    /// there are some that nobody else waits for.
    fn hand_out_places(&mut self) {
        let waiting = self.limits.waiting.clone();
        for id in waiting {
            if self.has_places(id) {
                self.limits.waiting.retain(|other| *other != id);
                self.begin_work(id);
                self.limits.last.starts.push(id);
            }
        }
        if let Some((id, end)) = self.limits.lent
            && self.has_places(id)
        {
            self.limits.lent = None;
            self.begin_work(id);
            self.limits.last.returns = Some((id, end));
        }
    }

    fn has_places(&self, id: Id) -> bool {
        let mut limits = self.tasks[id as usize].limits.iter();
        limits.all(|group| {
            let group = &self.groups[*group as usize];
            group.at_work < group.max_threads
        })
    }

    fn begin_work(&mut self, id: Id) {
        self.task(id).worker = Worker::Stopped;
        for group in self.task(id).limits.clone() {
            self.group(group).at_work += 1;
        }
    }

    /// Whether a worker has lent its places.
    pub(super) fn is_any_lent(&self) -> bool {
        self.limits.lent.is_some()
    }

    /// The worker of a task makes one that ends so, and waits for it: others have its places.
    pub(super) fn lend_places(&mut self, id: Id, end: WorkerEnd) {
        self.task(id).worker = Worker::Lent;
        self.limits.lent = Some((id, end));
        self.give_places_back(id);
    }

    /// The worker of a task will never run, if it waits for its places.
    pub(super) fn spare_waiting(&mut self, id: Id) {
        if self.task(id).worker == Worker::Waiting {
            self.limits.waiting.retain(|other| *other != id);
            self.task(id).worker = Worker::Over;
            self.log(Who::Worker(id), What::Spared(id));
        }
    }

    /// Those that go on are at their next stop, before anything else happens. In which order they
    /// have started is nobody's business.
    pub(super) fn settle(&mut self) {
        let mut settled = mem::take(&mut self.limits.last);
        settled.starts.sort_unstable();
        for id in &settled.starts {
            self.log(Who::Worker(*id), What::Started(*id));
        }
        if let Some((id, end)) = settled.returns {
            self.call_own(id, end);
        }
        self.limits.settled.push(settled);
    }
}
