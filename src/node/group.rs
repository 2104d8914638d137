//! [`Group`]: tasks that belong together, of any kind and of any thread.
//!
//! It is generic only so that this file need not know the node, which may be in one.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, Weak,
        atomic::{AtomicUsize, Ordering},
    },
};

use slab::Slab;

use super::{
    group_error::GroupError,
    label::Label,
    member::{Key, TaskSet},
};
use crate::base::{foreign, fork, quietly::quietly, sync::lock};

/// A task, as its groups know it.
pub(crate) trait Member: Clone + PartialEq + Send + Sync + 'static {
    fn cancel(&self);

    /// A new number for the limit of a group.
    fn open_limit() -> usize;

    /// There is no such group any more.
    fn close_limit(limit: usize);
}

/// How a group has ended.
pub(crate) type Ended = Result<(), GroupError>;

/// Who waits for the end of a group; it is foreign code that is called then.
pub(crate) type Waiter = Box<dyn FnOnce(Ended) + Send>;

/// See the module's documentation. `N` is a reference on a task.
pub(crate) struct Group<N: Member> {
    inner: Mutex<Inner<N>>,
    /// How many tasks are in it, and in the groups that are in it. Counted up with the lock.
    len: AtomicUsize,
    /// The group that this one is in, and by which number that has it.
    outer: Option<(Arc<Self>, usize)>,
    /// The numbers of the limits that hold for its members: its own first.
    limits: Box<[usize]>,
    label: Label,
}

struct Inner<N: Member> {
    /// Those whose callback has not been called, or whose worker has not returned, each with how
    /// many have come before it to the outermost group.
    members: Slab<(u64, N)>,
    /// How many have come to this group, if it is in no other one.
    count: u64,
    /// How often it was cancelled.
    cancels: u64,
    groups: Slab<Weak<Group<N>>>,
    lets_in: bool,
    cancels_on_error: bool,
    first_error: Option<GroupError>,
    waiters: BTreeMap<u64, Waiter>,
    next_waiter: u64,
}

impl<N: Member> Group<N> {
    #[track_caller]
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::of(None, true, Label::new()))
    }

    /// A group in `outer`.
    #[track_caller]
    pub(crate) fn within(outer: &Arc<Self>) -> Arc<Self> {
        let label = Label::new();
        let within = Arc::new_cyclic(|this| {
            let mut inner = outer.lock();
            let key = inner.groups.insert(this.clone());
            let lets_in = inner.lets_in;
            drop(inner);
            Self::of(Some((outer.clone(), key)), lets_in, label)
        });
        // It may have been finished meanwhile, when this one was not there to be told.
        if !outer.lets_in() {
            within.finish();
        }
        within
    }

    fn of(outer: Option<(Arc<Self>, usize)>, lets_in: bool, label: Label) -> Self {
        let outers = outer
            .iter()
            .flat_map(|(outer, _)| outer.limits.iter().copied());
        Self {
            inner: Mutex::new(Inner {
                members: Slab::new(),
                count: 0,
                cancels: 0,
                groups: Slab::new(),
                lets_in,
                cancels_on_error: false,
                first_error: None,
                waiters: BTreeMap::new(),
                next_waiter: 0,
            }),
            len: AtomicUsize::new(0),
            limits: [N::open_limit()].into_iter().chain(outers).collect(),
            outer,
            label,
        }
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Inner<N>> {
        lock(&self.inner)
    }

    #[inline]
    fn outer(&self) -> Option<&Arc<Self>> {
        self.outer.as_ref().map(|(outer, _)| outer)
    }

    /// Whether it is `other`, or in that.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.outer().is_some_and(|outer| outer.is_within(other))
    }

    /// The number of its own limit.
    pub(crate) fn limit(&self) -> usize {
        self.limits[0]
    }

    /// The numbers of the limits that hold for its members.
    #[inline]
    pub(crate) fn limits(&self) -> &[usize] {
        &self.limits
    }

    pub(crate) fn label(&self) -> &Label {
        &self.label
    }

    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    pub(crate) fn lets_in(&self) -> bool {
        self.lock().lets_in
    }

    pub(crate) fn set_cancel_on_error(&self, cancels: bool) {
        self.lock().cancels_on_error = cancels;
    }

    /// A task that was just made belongs to the group, and is found there by `key`. One that is
    /// not let in is cancelled.
    #[inline]
    pub(crate) fn join(&self, member: &N, key: &Key) {
        if self.enter(Some((member, key))).is_none() {
            member.cancel();
        }
    }

    /// Counts a task, in the groups that this one is in first: so none of them ends meanwhile.
    /// Says how many have come before it to the outermost one; `None` where it is not let in.
    fn enter(&self, member: Option<(&N, &Key)>) -> Option<u64> {
        let outer_count = match self.outer() {
            Some(outer) => Some(outer.enter(None)?),
            None => None,
        };
        let mut inner = self.lock();
        if !inner.lets_in {
            drop(inner);
            self.leave_outer();
            return None;
        }
        let count = outer_count.unwrap_or(inner.count);
        inner.count += 1;
        // ORDERING: what makes it 0 is told of with the lock.
        self.len.fetch_add(1, Ordering::Relaxed);
        if let Some((member, key)) = member {
            let entry = inner.members.vacant_entry();
            if key.set(entry.key()) {
                entry.insert((count, member.clone()));
            } else {
                // Another thread has run the callback by now.
                drop(inner);
                self.leave();
            }
        }
        Some(count)
    }

    /// A task is not found any more, but counts until [`leave`](Self::leave).
    #[inline]
    pub(super) fn forget(&self, member: u32) -> Option<N> {
        let (_, member) = self.lock().members.try_remove(member as usize)?;
        Some(member)
    }

    /// A task is over: tells those who wait, if it was the last one.
    #[inline]
    pub(super) fn leave(&self) {
        // ORDERING: who waits sees what has been done for the tasks that were in it.
        if self.len.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.tell_end();
        }
        self.leave_outer();
    }

    #[inline]
    fn leave_outer(&self) {
        if let Some(outer) = self.outer() {
            outer.leave();
        }
    }

    /// Tells those who wait that there is no member, unless one has come.
    fn tell_end(&self) {
        let mut inner = self.lock();
        if self.len() > 0 || inner.waiters.is_empty() {
            return;
        }
        let waiters = mem::take(&mut inner.waiters);
        let ended = inner.ended();
        drop(inner);
        foreign::untimed();
        for waiter in waiters.into_values() {
            quietly(|| waiter(ended.clone()));
        }
    }

    /// Cancels all members, those of groups in this one included.
    pub(crate) fn cancel(&self) {
        let members = self.list(&mut |inner| inner.cancels += 1);
        members.iter().for_each(Member::cancel);
    }

    /// How often it was cancelled, be it as one of the groups that it is in was. A task that takes
    /// the place of another one may have come too late to be listed, and the other one have gone
    /// by the time that it was to be cancelled.
    #[cfg(feature = "capi")]
    pub(crate) fn cancels(&self) -> u64 {
        self.lock().cancels
    }

    /// Lets no more in.
    pub(crate) fn finish(&self) {
        let mut inner = self.lock();
        inner.lets_in = false;
        let groups = inner.groups();
        drop(inner);
        for group in groups {
            group.finish();
        }
    }

    /// Lets no more in, and cancels all.
    pub(crate) fn close(&self) {
        self.finish();
        self.cancel();
    }

    /// The members, those of groups in this one included, in the order in which they came.
    pub(crate) fn members(&self) -> Vec<N> {
        self.list(&mut |_| ())
    }

    /// The same; `note` is called with each group as its members are listed.
    fn list(&self, note: &mut dyn FnMut(&mut Inner<N>)) -> Vec<N> {
        let mut members = Vec::new();
        self.collect(&mut members, note);
        // Mostly they are in order.
        members.sort_by_key(|(count, _)| *count);
        members.into_iter().map(|(_, member)| member).collect()
    }

    fn collect(&self, members: &mut Vec<(u64, N)>, note: &mut dyn FnMut(&mut Inner<N>)) {
        let mut inner = self.lock();
        note(&mut inner);
        members.extend(inner.members.iter().map(|(_, member)| member.clone()));
        let groups = inner.groups();
        drop(inner);
        for group in groups {
            group.collect(members, note);
        }
    }

    /// Calls `waiter` once the group has no member; here and now if it has none. Says by which
    /// number it waits.
    pub(crate) fn wait_with(&self, waiter: Waiter) -> Option<u64> {
        let mut inner = self.lock();
        if self.len() > 0 {
            let number = inner.next_waiter;
            inner.next_waiter += 1;
            inner.waiters.insert(number, waiter);
            drop(inner);
            // The last one may have left meanwhile, and found nobody to tell.
            if self.len() == 0 {
                self.tell_end();
            }
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
    pub(super) fn note_error(&self, error: &GroupError, failed: &N) {
        let mut inner = self.lock();
        inner.first_error.get_or_insert_with(|| error.clone());
        let cancels = inner.cancels_on_error;
        drop(inner);
        if cancels {
            // Those that come later are others, too.
            self.finish();
            foreign::untimed();
            let members = self.members();
            let others = members.iter().filter(|member| *member != failed);
            others.for_each(Member::cancel);
        }
        if let Some(outer) = self.outer() {
            outer.note_error(error, failed);
        }
    }
}

impl<N: Member> Inner<N> {
    fn ended(&self) -> Ended {
        self.first_error.clone().map_or(Ok(()), Err)
    }

    fn groups(&self) -> Vec<Arc<Group<N>>> {
        let groups = self.groups.iter();
        groups.filter_map(|(_, group)| group.upgrade()).collect()
    }
}

/// As one of several that a task is in.
impl<N: Member> TaskSet for Group<N> {
    fn failed(&self, member: u32, error: &GroupError) {
        let failed = self.lock().members.get(member as usize).cloned();
        if let Some((_, failed)) = failed {
            self.note_error(error, &failed);
        }
    }

    fn remove(&self, member: u32) {
        drop(self.forget(member));
        self.leave();
    }
}

impl<N: Member> Drop for Group<N> {
    fn drop(&mut self) {
        // It would need locks.
        if fork::is_child() {
            return;
        }
        N::close_limit(self.limit());
        if let Some((outer, key)) = self.outer.take() {
            outer.lock().groups.remove(key);
        }
    }
}
