//! [`Membership`]: the sets that a task belongs to, of which there are two kinds: a
//! [`Group`](crate::Group) and a [`Latest`](crate::Latest).
//!
//! A task leaves its sets as its callback has returned, or never will be called, and its worker
//! has returned, or never will run: whichever comes last.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::group_error::GroupError;

/// Tasks that belong together.
pub(crate) trait TaskSet: Send + Sync {
    /// The callback of one of them is about to be called, on this thread.
    /// `context` is the address of its context.
    fn before_callback(&self, _context: usize) {}

    /// One of them ends with an error.
    fn failed(&self, member: usize, error: &GroupError);

    /// One of them is over.
    fn remove(&self, member: usize);
}

/// See the module's documentation.
pub(crate) struct Membership {
    members: Box<[Member]>,
    /// The groups whose limits hold for it, by their numbers.
    limits: Box<[usize]>,
    /// Whether its worker has a place in each of them.
    has_places: AtomicBool,
    is_over: AtomicBool,
}

/// A task, in one set.
struct Member {
    set: Arc<dyn TaskSet>,
    key: Key,
}

/// By which number a set has a task, while it has.
pub(crate) struct Key(AtomicUsize);

const NONE: usize = usize::MAX;

impl Key {
    /// Called with the set locked, before others find the task there.
    pub(super) fn set(&self, key: usize) {
        // ORDERING: whoever takes it out has either seen it, or is seen by the one that sets it.
        self.0.store(key, Ordering::SeqCst);
    }

    fn take(&self) -> Option<usize> {
        let key = self.0.swap(NONE, Ordering::SeqCst);
        (key != NONE).then_some(key)
    }

    fn get(&self) -> Option<usize> {
        let key = self.0.load(Ordering::SeqCst);
        (key != NONE).then_some(key)
    }
}

impl Membership {
    /// In `sets`, none of which knows of it yet.
    pub(crate) fn new(
        sets: impl Iterator<Item = Arc<dyn TaskSet>>,
        mut limits: Vec<usize>,
    ) -> Self {
        limits.sort_unstable();
        limits.dedup();
        let member = |set| Member {
            set,
            key: Key(AtomicUsize::new(NONE)),
        };
        Self {
            members: sets.map(member).collect(),
            limits: limits.into(),
            has_places: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        }
    }

    /// Has the task known to its sets: `join` is called with the number of each, and with where
    /// the key is put by which that has it.
    pub(crate) fn join(&self, mut join: impl FnMut(usize, &Key)) {
        for (index, member) in self.members.iter().enumerate() {
            join(index, &member.key);
        }
        // Another thread may have run the callback by now, and found no key.
        if self.is_over.load(Ordering::SeqCst) {
            self.leave();
        }
    }

    pub(super) fn before_callback(&self, context: usize) {
        for Member { set, .. } in &self.members {
            set.before_callback(context);
        }
    }

    /// The task ends with this error, and has not left.
    pub(super) fn failed(&self, error: &GroupError) {
        for Member { set, key } in &self.members {
            if let Some(key) = key.get() {
                set.failed(key, error);
            }
        }
    }

    /// The task is over.
    pub(super) fn leave(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        for Member { set, key } in &self.members {
            if let Some(key) = key.take() {
                set.remove(key);
            }
        }
    }

    pub(super) fn limits(&self) -> &[usize] {
        &self.limits
    }

    /// Says that the worker has its places, or has none. Says whether it had them.
    pub(super) fn set_has_places(&self, has_places: bool) -> bool {
        // ORDERING: the places are counted under a lock; this says who is to give them back.
        self.has_places.swap(has_places, Ordering::AcqRel)
    }
}
