//! The limits of groups: never more at work than may be, as many as may be, and nobody forgotten.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool as Flag, AtomicUsize as Counter},
    },
};

use crate::{
    limits::{Grouped, Limits, State},
    sync::{
        self, Condvar, Mutex, Ordering,
        Preemptions::{self, Any, AtMost},
        explore,
    },
};

/// A job of a group, which is a number.
struct Job {
    groups: Vec<usize>,
    /// Told as the job runs, or is dropped.
    hall: Arc<Hall>,
    is_cancelled: Arc<Flag>,
}

/// Where jobs are at work.
struct Hall {
    limits: Limits<Job>,
    /// How many are in each group, and may be. Counted where no other thread may come between.
    at_work: [Counter; 2],
    max: [Counter; 2],
    ran: Counter,
}

impl Grouped for Job {
    fn groups(&self) -> &[usize] {
        &self.groups
    }

    fn priority(&self) -> i32 {
        0
    }

    fn is_wanted(&self) -> bool {
        !self.is_cancelled.load(Ordering::SeqCst)
    }
}

impl Job {
    /// Runs here, if it has its places, and then those that have them after it.
    fn start(self) {
        let hall = self.hall.clone();
        run_all(hall.limits.take(self).into_iter().collect());
    }

    /// Says which ones have its places now.
    fn run(self) -> Vec<Self> {
        self.enter();
        self.hall.ran.fetch_add(1, Ordering::SeqCst);
        self.leave()
    }

    fn enter(&self) {
        for group in &self.groups {
            let now = self.hall.at_work[*group].fetch_add(1, Ordering::SeqCst) + 1;
            assert!(now <= self.hall.max[*group].load(Ordering::SeqCst));
        }
    }

    fn leave(&self) -> Vec<Self> {
        for group in &self.groups {
            self.hall.at_work[*group].fetch_sub(1, Ordering::SeqCst);
        }
        let limits = &self.hall.limits;
        let first = limits.give_back(&self.groups).job;
        let others = self.groups[1..]
            .iter()
            .filter_map(|_| limits.next(&self.groups).job);
        first.into_iter().chain(others).collect()
    }

    /// Lends its places, runs who has them then, and returns.
    fn lend(&self) {
        run_all(self.leave());
        self.hall.limits.return_to(&self.groups);
        self.enter();
    }
}

impl Hall {
    fn new(max: [usize; 2]) -> Arc<Self> {
        let hall = Self {
            limits: Limits {
                state: Mutex::new(State::EMPTY),
                given_back: Condvar::new(),
            },
            at_work: [Counter::new(0), Counter::new(0)],
            max: max.map(Counter::new),
            ran: Counter::new(0),
        };
        for (group, max) in max.into_iter().enumerate() {
            assert_eq!(hall.limits.open(), group);
            hall.limits.set_max(group, NonZero::new(max));
        }
        Arc::new(hall)
    }

    fn job(self: &Arc<Self>, groups: &[usize]) -> Job {
        Job {
            groups: groups.to_owned(),
            hall: self.clone(),
            is_cancelled: Arc::default(),
        }
    }

    /// All that were to run have done so, and every place is free.
    fn end(&self, ran: usize) {
        assert_eq!(self.ran.load(Ordering::SeqCst), ran);
        for group in [0, 1] {
            assert_eq!(self.at_work[group].load(Ordering::SeqCst), 0);
            assert!(self.limits.next(&[group]).job.is_none());
        }
    }
}

/// Runs `jobs`, which have their places, and then those that have them after these.
fn run_all(mut jobs: Vec<Job>) {
    while let Some(job) = jobs.pop() {
        jobs.extend(job.run());
    }
}

/// Starts jobs in these groups, each from a thread of its own, and one from here.
fn explore_jobs(preemptions: Preemptions, max: [usize; 2], groups: &'static [&'static [usize]]) {
    explore(preemptions, move || {
        let hall = Hall::new(max);
        let (last, others) = groups.split_last().expect("there is one");
        let others = others.iter().map(|groups| {
            let job = hall.job(groups);
            sync::spawn(|| job.start())
        });
        let others: Vec<_> = others.collect();
        hall.job(last).start();
        for other in others {
            other.join().expect("no job panics");
        }
        hall.end(groups.len());
    });
}

#[test]
fn two_jobs_and_one_place() {
    explore_jobs(Any, [1, 1], &[&[0], &[0]]);
}

#[test]
fn three_jobs_and_one_place() {
    explore_jobs(AtMost(3), [1, 1], &[&[0], &[0], &[0]]);
}

#[test]
fn three_jobs_and_two_places() {
    explore_jobs(AtMost(3), [2, 2], &[&[0], &[0], &[0]]);
}

/// One waits at the group that is full, and holds no place of the other.
#[test]
fn one_job_in_two_groups_and_one_in_each() {
    explore_jobs(AtMost(3), [1, 1], &[&[0, 1], &[0], &[1]]);
}

#[test]
fn a_job_that_is_cancelled_as_the_place_is_given_back() {
    explore(Any, || {
        let hall = Hall::new([1, 1]);
        let first = hall.limits.take(hall.job(&[0])).expect("the place is free");
        let (cancelled, last) = (hall.job(&[0]), hall.job(&[0]));
        let is_cancelled = cancelled.is_cancelled.clone();
        assert!(hall.limits.take(cancelled).is_none());
        assert!(hall.limits.take(last).is_none());
        let cancelling = sync::spawn(move || is_cancelled.store(true, Ordering::SeqCst));
        run_all(vec![first]);
        cancelling.join().expect("it does not panic");
        let ran = hall.ran.load(Ordering::SeqCst);
        assert!((2..=3).contains(&ran));
        hall.end(ran);
    });
}

#[test]
fn a_place_is_lent_while_another_job_comes() {
    explore(AtMost(3), || {
        let hall = Hall::new([1, 1]);
        let lending = hall.limits.take(hall.job(&[0])).expect("the place is free");
        let other = hall.job(&[0]);
        let other = sync::spawn(|| other.start());
        lending.enter();
        lending.lend();
        hall.ran.fetch_add(1, Ordering::SeqCst);
        run_all(lending.leave());
        other.join().expect("it does not panic");
        hall.end(2);
    });
}

#[test]
fn two_lend_one_place_to_each_other() {
    explore(AtMost(3), || {
        let hall = Hall::new([1, 1]);
        let lend = |job: Job| {
            let hall = job.hall.clone();
            if let Some(job) = hall.limits.take(job) {
                job.enter();
                job.lend();
                hall.ran.fetch_add(1, Ordering::SeqCst);
                run_all(job.leave());
            }
        };
        let job = hall.job(&[0]);
        let other = sync::spawn(move || lend(job));
        lend(hall.job(&[0]));
        other.join().expect("it does not panic");
        hall.end(2);
    });
}

#[test]
fn the_limit_is_raised_as_a_place_is_given_back() {
    explore(Any, || {
        let hall = Hall::new([1, 1]);
        let first = hall.limits.take(hall.job(&[0])).expect("the place is free");
        for _ in 0..2 {
            assert!(hall.limits.take(hall.job(&[0])).is_none());
        }
        let raised = hall.clone();
        let raising = sync::spawn(move || {
            raised.max[0].store(2, Ordering::SeqCst);
            raised.limits.set_max(0, NonZero::new(2));
            while let Some(job) = raised.limits.next(&[0]).job {
                run_all(vec![job]);
            }
        });
        run_all(vec![first]);
        raising.join().expect("it does not panic");
        hall.end(3);
    });
}
