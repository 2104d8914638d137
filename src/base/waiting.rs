//! [`Waiting`]: the jobs that wait for a thread, the most urgent first, and in order among
//! equals.
//!
//! Almost always all that waits has one priority. Then there is one level, and this is one
//! queue; nor is that freed as it runs empty.

use std::{collections::VecDeque, mem};

/// See the module's documentation.
pub(crate) struct Waiting<J> {
    /// From the most urgent on. None is empty, unless it is the only one.
    levels: Vec<Level<J>>,
    len: usize,
}

/// The jobs of one priority.
struct Level<J> {
    priority: i32,
    jobs: VecDeque<J>,
}

impl<J> Waiting<J> {
    pub(crate) const EMPTY: Self = Self {
        levels: Vec::new(),
        len: 0,
    };

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a job, after those that are as urgent. As GLib has it, the lower the number the
    /// more urgent.
    #[inline]
    pub(crate) fn push(&mut self, priority: i32, job: J) {
        self.len += 1;
        match &mut *self.levels {
            [only] if only.priority == priority => only.jobs.push_back(job),
            _ => self.push_among(priority, job),
        }
    }

    #[cold]
    fn push_among(&mut self, priority: i32, job: J) {
        self.level(priority).push_back(job);
    }

    /// Adds a job among those that are as urgent: after the last of them that `is_before` it.
    pub(crate) fn insert(&mut self, priority: i32, job: J, is_before: impl Fn(&J) -> bool) {
        self.len += 1;
        let jobs = self.level(priority);
        if jobs.back().is_none_or(&is_before) {
            jobs.push_back(job);
        } else {
            let index = jobs.partition_point(is_before);
            jobs.insert(index, job);
        }
    }

    /// The jobs of this priority, to which one is added.
    fn level(&mut self, priority: i32) -> &mut VecDeque<J> {
        if let [only] = &mut *self.levels
            && only.jobs.is_empty()
        {
            only.priority = priority;
        }
        let index = self
            .levels
            .partition_point(|level| level.priority < priority);
        let is_there = self
            .levels
            .get(index)
            .is_some_and(|level| level.priority == priority);
        if !is_there {
            let jobs = VecDeque::new();
            self.levels.insert(index, Level { priority, jobs });
        }
        &mut self.levels[index].jobs
    }

    /// The job that [`pop`](Self::pop) would take, with its priority.
    pub(crate) fn first(&self) -> Option<(i32, &J)> {
        let first = self.levels.first()?;
        Some((first.priority, first.jobs.front()?))
    }

    /// Takes the most urgent job that has waited for longest.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<J> {
        let first = self.levels.first_mut()?;
        let job = first.jobs.pop_front()?;
        self.len -= 1;
        if first.jobs.is_empty() && self.levels.len() > 1 {
            self.levels.remove(0);
        }
        Some(job)
    }

    /// Takes all, in the order in which [`pop`](Self::pop) would.
    pub(crate) fn take_all(&mut self) -> impl Iterator<Item = J> + use<J> {
        let all = mem::replace(self, Self::EMPTY);
        all.levels.into_iter().flat_map(|level| level.jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with what is sorted by priority and then by number.
    #[test]
    fn the_most_urgent_is_first_and_equals_are_in_order() {
        let mut waiting = Waiting::EMPTY;
        let mut sorted = Vec::new();
        // Priorities that come, go, and come again; two of three numbers come out meanwhile.
        // Miri takes its time.
        let all = if cfg!(miri) { 100_u32 } else { 3_000 };
        for number in 0..all {
            let priority = [200, 0, 200, -100, 300, 200, i32::MIN, i32::MAX][number as usize % 8];
            let priority = if number / 500 % 2 == 0 { 200 } else { priority };
            waiting.push(priority, (priority, number));
            sorted.push((priority, number));
            sorted.sort_unstable();
            if number % 3 > 0 {
                assert_eq!(waiting.pop(), Some(sorted.remove(0)));
            }
            assert_eq!(waiting.len(), sorted.len());
        }
        assert!(waiting.take_all().eq(sorted));
        assert!(waiting.is_empty());
        assert_eq!(waiting.pop(), None);
    }

    /// Compared with what is sorted by priority and then by number.
    #[test]
    fn what_comes_late_is_put_where_it_would_have_been() {
        let mut waiting = Waiting::EMPTY;
        let mut sorted = Vec::new();
        for number in [5, 1, 9, 3, 7, 2, 8, 6, 4, 0] {
            let priority = [0, 200][number % 2];
            waiting.insert(priority, (priority, number), |other| other.1 < number);
            sorted.push((priority, number));
            assert_eq!(waiting.len(), sorted.len());
        }
        sorted.sort_unstable();
        assert!(waiting.take_all().eq(sorted));
    }

    #[test]
    fn one_level_is_kept_as_it_runs_empty() {
        let mut waiting = Waiting::EMPTY;
        for priority in [200, 200, 0, -5, 200] {
            waiting.push(priority, priority);
            assert_eq!(waiting.levels.len(), 1);
            assert_eq!(waiting.pop(), Some(priority));
            assert_eq!(waiting.pop(), None);
            assert_eq!(waiting.levels.len(), 1);
        }
    }
}
