//! [`Latest`]: tasks of which each cancels the one before.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
};

use super::{
    group_error::GroupError,
    member::{Key, TaskSet},
    node::NodeRef,
};
use crate::base::sync::lock;

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    newest: Option<(u32, NodeRef)>,
    /// Those that were before it, in order, and that may not have been told yet.
    replaced: VecDeque<Replaced>,
    count: u32,
}

struct Replaced {
    number: u32,
    node: NodeRef,
    /// It was to be told before a newer one, and told itself, or could not be.
    was_next: bool,
}

impl Latest {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }

    /// A task that was just made is the newest one.
    pub(crate) fn join(&self, node: &NodeRef, key: &Key) {
        let mut inner = self.lock();
        let number = inner.count;
        // The numbers of those that are over come again.
        inner.count = (number + 1) % (1 << 31);
        if !key.set(number as usize) {
            return;
        }
        let last = inner.newest.replace((number, node.clone()));
        inner
            .replaced
            .extend(last.clone().map(|(number, node)| Replaced {
                number,
                node,
                was_next: false,
            }));
        drop(inner);
        if let Some((_, last)) = last {
            last.give_up();
        }
    }

    /// Cancels the newest one, of which nothing comes any more.
    pub(crate) fn cancel(&self) {
        let newest = self.newest();
        if let Some(newest) = newest {
            newest.give_up();
        }
    }

    /// The first one that was replaced before this one and whose callback is due on this thread and
    /// this context, once. One whose worker has committed, and goes on, is not.
    fn next_replaced(&self, member: u32, context: usize) -> Option<NodeRef> {
        let mut inner = self.lock();
        let replaced = inner.replaced.iter_mut();
        let mut before = replaced.take_while(|replaced| replaced.number != member);
        let next =
            before.find(|replaced| !replaced.was_next && replaced.node.is_due_here(context))?;
        next.was_next = true;
        Some(next.node.clone())
    }

    /// The newest one, until it is over.
    pub(crate) fn newest(&self) -> Option<NodeRef> {
        let inner = self.lock();
        let (_, newest) = inner.newest.as_ref()?;
        Some(newest.clone())
    }
}

impl TaskSet for Latest {
    /// Those that were replaced before it are told first, whatever their priorities.
    fn before_callback(&self, member: u32, context: usize) {
        // Looked for anew each time: the callback of one may have had another one called.
        while let Some(next) = self.next_replaced(member, context) {
            next.deliver_here(None);
        }
    }

    fn failed(&self, _: u32, _: &GroupError) {}

    fn remove(&self, member: u32) {
        let mut inner = self.lock();
        let is_newest = |(number, _): &mut (u32, NodeRef)| *number == member;
        let over = inner.newest.take_if(is_newest);
        let mut numbers = inner.replaced.iter().map(|replaced| replaced.number);
        let index = numbers.position(|number| number == member);
        let gone = index.and_then(|index| inner.replaced.remove(index));
        drop(inner);
        // Unlocked: what was attached to a task is foreign.
        drop((over, gone.map(|replaced| replaced.node)));
    }
}
