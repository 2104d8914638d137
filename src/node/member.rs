//! How a task belongs to a set, of which there are two kinds: a [`Group`](crate::Group) and a
//! [`Latest`](crate::Latest).
//!
//! A task leaves its sets as its callback has returned, or never will be called, and its worker
//! has returned, or never will run: whichever comes last. Most have one group, if any, which the
//! header has; what others have is a [`Membership`].

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use super::group_error::GroupError;

/// Tasks that belong together.
pub(crate) trait TaskSet: Send + Sync {
    /// The callback of one of them is about to be called, on this thread. `context` is the address
    /// of its context.
    fn before_callback(&self, _member: u32, _context: usize) {}

    /// One of them ends with an error.
    fn failed(&self, member: u32, error: &GroupError);

    /// One of them is over.
    fn remove(&self, member: u32);
}

/// By which number a set has a task, while it has.
pub(crate) struct Key(AtomicU32);

/// The task has not come yet.
const COMES: u32 = u32::MAX - 2;
/// The set has it no more, and counts it.
const COUNTED: u32 = u32::MAX - 1;
/// The task is over.
const OVER: u32 = u32::MAX;

/// What a set has of a task that is over.
pub(super) enum Left {
    Nothing,
    /// It counts it.
    Counted,
    /// It has it by this number, too.
    Member(u32),
}

impl Key {
    pub(super) const fn new() -> Self {
        Self(AtomicU32::new(COMES))
    }

    /// The set has the task by this number from now on. Says whether that is so: not where the
    /// task is over already.
    pub(super) fn set(&self, key: usize) -> bool {
        let key = u32::try_from(key).ok().filter(|key| *key < COMES);
        let key = key.expect("a set never has as many tasks");
        // ORDERING: what is done with the number is done with the set locked.
        let set = self
            .0
            .compare_exchange(COMES, key, Ordering::AcqRel, Ordering::Acquire);
        set.is_ok()
    }

    pub(super) fn get(&self) -> Option<u32> {
        Some(self.0.load(Ordering::Acquire)).filter(|key| *key < COMES)
    }

    /// The task is about to be delivered, and counts until it is over: says by which number the
    /// set had it.
    #[inline]
    pub(super) fn forget(&self) -> Option<u32> {
        let key = self.get()?;
        let forgotten = self
            .0
            .compare_exchange(key, COUNTED, Ordering::AcqRel, Ordering::Acquire);
        forgotten.ok()
    }

    pub(super) fn is_counted(&self) -> bool {
        self.0.load(Ordering::Acquire) == COUNTED
    }

    /// The task is over.
    pub(super) fn take(&self) -> Left {
        match self.0.swap(OVER, Ordering::AcqRel) {
            COMES | OVER => Left::Nothing,
            COUNTED => Left::Counted,
            key => Left::Member(key),
        }
    }
}

/// The sets that a task belongs to besides the first of its groups.
pub(crate) struct Membership {
    members: Box<[Member]>,
    /// The groups whose limits hold for the task, the first one included, by their numbers.
    limits: Box<[usize]>,
}

/// A task, in one set.
struct Member {
    set: Arc<dyn TaskSet>,
    key: Key,
}

impl Membership {
    /// In `sets`, none of which knows of it yet.
    pub(crate) fn new(
        sets: impl Iterator<Item = Arc<dyn TaskSet>>,
        mut limits: Vec<usize>,
    ) -> Self {
        limits.sort_unstable();
        limits.dedup();
        let key = Key::new;
        Self {
            members: sets.map(|set| Member { set, key: key() }).collect(),
            limits: limits.into(),
        }
    }

    /// Has the task known to its sets: `join` is called with the number of each, and with where
    /// the key is put by which that has it.
    pub(crate) fn join(&self, mut join: impl FnMut(usize, &Key)) {
        for (index, member) in self.members.iter().enumerate() {
            join(index, &member.key);
        }
    }

    pub(super) fn before_callback(&self, context: usize) {
        for Member { set, key } in &self.members {
            if let Some(key) = key.get() {
                set.before_callback(key, context);
            }
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
        for Member { set, key } in &self.members {
            if let Left::Member(key) = key.take() {
                set.remove(key);
            }
        }
    }

    pub(super) fn limits(&self) -> &[usize] {
        &self.limits
    }
}
