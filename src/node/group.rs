//! [`Group`]: tasks that belong together, of any kind and of any thread.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, Weak},
};

use slab::Slab;

use super::{
    group_error::GroupError,
    limits::LIMITS,
    member::{Key, TaskSet},
    node::NodeRef,
};
use crate::base::{quietly::quietly, state::Interrupt, sync::lock};

/// How a group has ended.
pub(crate) type Ended = Result<(), GroupError>;

/// Who waits for the end of a group; it is foreign code that is called then.
pub(crate) type Waiter = Box<dyn FnOnce(Ended) + Send>;

/// See the module's documentation.
pub(crate) struct Group {
    inner: Mutex<Inner>,
    /// The group that this one is in, and by which number that has it.
    outer: Option<(Arc<Self>, usize)>,
    /// Its number among those that may have a limit.
    limit: usize,
}

struct Inner {
    members: Slab<NodeRef>,
    groups: Slab<Weak<Group>>,
    /// How many tasks are in it, and in the groups that are in it.
    len: usize,
    lets_in: bool,
    cancels_on_error: bool,
    first_error: Option<GroupError>,
    waiters: BTreeMap<u64, Waiter>,
    next_waiter: u64,
}

impl Group {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::of(None, true))
    }

    /// A group in `outer`.
    pub(crate) fn within(outer: &Arc<Self>) -> Arc<Self> {
        Arc::new_cyclic(|this| {
            let mut inner = outer.lock();
            let key = inner.groups.insert(this.clone());
            let lets_in = inner.lets_in;
            drop(inner);
            Self::of(Some((outer.clone(), key)), lets_in)
        })
    }

    fn of(outer: Option<(Arc<Self>, usize)>, lets_in: bool) -> Self {
        Self {
            inner: Mutex::new(Inner {
                members: Slab::new(),
                groups: Slab::new(),
                len: 0,
                lets_in,
                cancels_on_error: false,
                first_error: None,
                waiters: BTreeMap::new(),
                next_waiter: 0,
            }),
            outer,
            limit: LIMITS.open(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    fn outer(&self) -> Option<&Arc<Self>> {
        self.outer.as_ref().map(|(outer, _)| outer)
    }

    /// The number of its limit.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The numbers of the limits that hold for its members.
    pub(crate) fn limits(&self) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(self), |group| group.outer().map(|outer| &**outer))
            .map(|group| group.limit)
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len
    }

    pub(crate) fn lets_in(&self) -> bool {
        self.lock().lets_in
    }

    pub(crate) fn set_cancel_on_error(&self, cancels: bool) {
        self.lock().cancels_on_error = cancels;
    }

    /// A task that was just made belongs to the group, and is found there by `key`. One that is
    /// not let in is cancelled.
    pub(crate) fn join(&self, node: &NodeRef, key: &Key) {
        if !self.enter(Some((node, key))) {
            node.interrupt(Interrupt::Cancelled);
        }
    }

    /// Counts a task, in the groups that this one is in first: so none of them ends meanwhile.
    /// Says whether it is let in.
    fn enter(&self, member: Option<(&NodeRef, &Key)>) -> bool {
        if self.outer().is_some_and(|outer| !outer.enter(None)) {
            return false;
        }
        let mut inner = self.lock();
        if !inner.lets_in {
            drop(inner);
            self.leave_outer();
            return false;
        }
        inner.len += 1;
        if let Some((node, key)) = member {
            let entry = inner.members.vacant_entry();
            key.set(entry.key());
            entry.insert(node.clone());
        }
        true
    }

    /// A task is over: tells those who wait, if it was the last one.
    fn leave(&self, member: Option<usize>) {
        let mut inner = self.lock();
        let member = member.map(|member| inner.members.remove(member));
        inner.len -= 1;
        let waiters = match inner.len {
            0 => mem::take(&mut inner.waiters),
            _ => BTreeMap::new(),
        };
        let ended = inner.ended();
        drop(inner);
        for waiter in waiters.into_values() {
            quietly(|| waiter(ended.clone()));
        }
        drop(member);
        self.leave_outer();
    }

    fn leave_outer(&self) {
        if let Some(outer) = self.outer() {
            outer.leave(None);
        }
    }

    /// Cancels all members, those of groups in this one included. If it `closes`, no more are
    /// let in.
    pub(crate) fn cancel(&self, closes: bool) {
        let mut inner = self.lock();
        inner.lets_in &= !closes;
        let (members, groups) = inner.all();
        drop(inner);
        for group in groups {
            group.cancel(closes);
        }
        for member in members {
            member.interrupt(Interrupt::Cancelled);
        }
    }

    /// Lets no more in.
    pub(crate) fn finish(&self) {
        let mut inner = self.lock();
        inner.lets_in = false;
        let (_, groups) = inner.all();
        drop(inner);
        for group in groups {
            group.finish();
        }
    }

    /// The members, those of groups in this one included.
    pub(crate) fn members(&self) -> Vec<NodeRef> {
        let (mut members, groups) = self.lock().all();
        members.extend(groups.iter().flat_map(|group| group.members()));
        members
    }

    /// Calls `waiter` once the group has no member; here and now if it has none. Says by which
    /// number it waits.
    pub(crate) fn wait_with(&self, waiter: Waiter) -> Option<u64> {
        let mut inner = self.lock();
        if inner.len > 0 {
            let number = inner.next_waiter;
            inner.next_waiter += 1;
            inner.waiters.insert(number, waiter);
            return Some(number);
        }
        let ended = inner.ended();
        drop(inner);
        waiter(ended);
        None
    }

    /// That one does not wait any more.
    pub(crate) fn forget_waiter(&self, number: u64) {
        let waiter = self.lock().waiters.remove(&number);
        drop(waiter);
    }

    /// One of its members ends with an error, or one of a group in it.
    fn note_error(&self, error: &GroupError, failed: &NodeRef) {
        let mut inner = self.lock();
        inner.first_error.get_or_insert_with(|| error.clone());
        let cancels = inner.cancels_on_error;
        drop(inner);
        if cancels {
            let members = self.members();
            let others = members.iter().filter(|member| *member != failed);
            others.for_each(|member| member.interrupt(Interrupt::Cancelled));
        }
        if let Some(outer) = self.outer() {
            outer.note_error(error, failed);
        }
    }
}

impl Inner {
    fn ended(&self) -> Ended {
        self.first_error.clone().map_or(Ok(()), Err)
    }

    fn all(&self) -> (Vec<NodeRef>, Vec<Arc<Group>>) {
        let members = self.members.iter().map(|(_, member)| member.clone());
        let groups = self.groups.iter();
        let groups = groups.filter_map(|(_, group)| group.upgrade());
        (members.collect(), groups.collect())
    }
}

impl TaskSet for Group {
    fn failed(&self, member: usize, error: &GroupError) {
        let failed = self.lock().members.get(member).cloned();
        if let Some(failed) = failed {
            self.note_error(error, &failed);
        }
    }

    fn remove(&self, member: usize) {
        self.leave(Some(member));
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        LIMITS.close(self.limit);
        if let Some((outer, key)) = self.outer.take() {
            outer.lock().groups.remove(key);
        }
    }
}
