//! [`Limits`]: how many jobs of each group may be at work at once, and the jobs that wait for
//! that; free of GLib.
//!
//! A job that belongs to several groups needs a place in each. It takes all at once or none, so
//! that one that waits for a place holds none that others could use; and it waits at one group
//! alone, which is full. So whoever gives a place back looks at the groups that have one again,
//! and at none else.

use std::num::NonZero;

use slab::Slab;

use super::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError, lock},
    waiting::Waiting,
};

/// A job that belongs to groups.
pub(crate) trait Grouped {
    /// The groups, by what [`Limits::open`] has returned for each.
    fn groups(&self) -> &[usize];
    /// Those of a lower number have a place sooner.
    fn priority(&self) -> i32;
    /// Whether it is to have a place still.
    fn is_wanted(&self) -> bool;
}

/// See the module's documentation.
pub(crate) struct Limits<J> {
    pub(crate) state: Mutex<State<J>>,
    /// Signalled as places are given back, while threads return to theirs.
    pub(crate) given_back: Condvar,
}

/// The groups, by their numbers.
pub(crate) struct State<J> {
    groups: Slab<Group<J>>,
    /// How many jobs have come.
    count: u64,
}

struct Group<J> {
    /// `None` for as many as come.
    max: Option<NonZero<usize>>,
    at_work: usize,
    /// How many threads wait to return to a place that they have lent: these come first.
    returning: usize,
    /// There are none unless all places are taken.
    waiting: Waiting<Numbered<J>>,
}

/// A job, by its number in the order in which they came.
struct Numbered<J> {
    number: u64,
    job: J,
}

/// What comes of a place that was given back.
pub(crate) struct Next<J> {
    /// The job that has it now.
    pub(crate) job: Option<J>,
    /// Jobs that nobody wants any more, to be dropped unlocked.
    pub(crate) gone: Vec<J>,
}

impl<J> Group<J> {
    fn has_place(&self) -> bool {
        self.max
            .is_none_or(|max| self.at_work + self.returning < max.get())
    }

    /// Whether a thread that has lent its place may return.
    fn has_place_to_return_to(&self) -> bool {
        self.max.is_none_or(|max| self.at_work < max.get())
    }
}

impl<J: Grouped> Limits<J> {
    fn state(&self) -> MutexGuard<'_, State<J>> {
        lock(&self.state)
    }

    /// A new group, without a limit.
    pub(crate) fn open(&self) -> usize {
        self.state().groups.insert(Group {
            max: None,
            at_work: 0,
            returning: 0,
            waiting: Waiting::EMPTY,
        })
    }

    /// The group has no jobs, and will have none.
    pub(crate) fn close(&self, group: usize) {
        self.state().groups.remove(group);
    }

    pub(crate) fn max(&self, group: usize) -> Option<NonZero<usize>> {
        self.state().groups[group].max
    }

    /// Sets how many may be at work. What has a place now is handed out by [`next`](Self::next).
    pub(crate) fn set_max(&self, group: usize, max: Option<NonZero<usize>>) {
        self.state().groups[group].max = max;
        self.given_back.notify_all();
    }

    /// Hands `job` back if it has its places; else it waits for them.
    pub(crate) fn take(&self, job: J) -> Option<J> {
        let mut state = self.state();
        let number = state.count;
        state.count += 1;
        match state.full_group(job.groups()) {
            None => {
                state.add(job.groups(), 1);
                Some(job)
            }
            Some(full) => {
                state.wait_at(full, Numbered { number, job });
                None
            }
        }
    }

    /// The places of a job in `groups` are free again.
    pub(crate) fn give_back(&self, groups: &[usize]) -> Next<J> {
        let mut state = self.state();
        state.add(groups, -1);
        let next = state.next(groups);
        let is_awaited = groups
            .iter()
            .any(|group| state.groups[*group].returning > 0);
        drop(state);
        if is_awaited {
            self.given_back.notify_all();
        }
        next
    }

    /// The next job that waits at one of `groups` and can have its places.
    pub(crate) fn next(&self, groups: &[usize]) -> Next<J> {
        self.state().next(groups)
    }

    /// Blocks until there are places in `groups` for a job that has lent its own, and takes them.
    pub(crate) fn return_to(&self, groups: &[usize]) {
        let mut state = self.state();
        for group in groups {
            state.groups[*group].returning += 1;
        }
        let has_places = |state: &State<J>| {
            let mut groups = groups.iter();
            groups.all(|group| state.groups[*group].has_place_to_return_to())
        };
        while !has_places(&state) {
            let waited = self.given_back.wait(state);
            state = waited.unwrap_or_else(PoisonError::into_inner);
        }
        for group in groups {
            state.groups[*group].returning -= 1;
        }
        state.add(groups, 1);
    }
}

impl<J> State<J> {
    /// No group.
    pub(crate) const EMPTY: Self = Self {
        groups: Slab::new(),
        count: 0,
    };
}

impl<J: Grouped> State<J> {
    /// One of `groups` that has no place.
    fn full_group(&self, groups: &[usize]) -> Option<usize> {
        let mut groups = groups.iter().copied();
        groups.find(|group| !self.groups[*group].has_place())
    }

    fn add(&mut self, groups: &[usize], change: isize) {
        for group in groups {
            let at_work = &mut self.groups[*group].at_work;
            *at_work = at_work.saturating_add_signed(change);
        }
    }

    fn wait_at(&mut self, group: usize, waiting: Numbered<J>) {
        let Numbered { number, .. } = waiting;
        let priority = waiting.job.priority();
        let is_before = |other: &Numbered<J>| other.number < number;
        self.groups[group]
            .waiting
            .insert(priority, waiting, is_before);
    }

    /// The most urgent job that waits at one of `groups`, which have places again; a job that is
    /// held up by another group waits there from now on.
    fn next(&mut self, groups: &[usize]) -> Next<J> {
        let mut gone = Vec::new();
        while let Some(group) = self.most_urgent(groups) {
            let Some(waiting) = self.groups[group].waiting.pop() else {
                break;
            };
            if !waiting.job.is_wanted() {
                gone.push(waiting.job);
            } else if let Some(full) = self.full_group(waiting.job.groups()) {
                self.wait_at(full, waiting);
            } else {
                self.add(waiting.job.groups(), 1);
                let job = Some(waiting.job);
                return Next { job, gone };
            }
        }
        Next { job: None, gone }
    }

    /// Which of `groups` that have a place has the most urgent job waiting.
    fn most_urgent(&self, groups: &[usize]) -> Option<usize> {
        let with_place = groups
            .iter()
            .filter(|group| self.groups[**group].has_place());
        let first = |group: &usize| {
            let (priority, first) = self.groups[*group].waiting.first()?;
            Some((priority, first.number, *group))
        };
        let (.., group) = with_place.filter_map(first).min()?;
        Some(group)
    }
}
