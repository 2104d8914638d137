//! [`Latest`]: tasks of which each cancels the one before.

use std::sync::{Arc, Mutex, MutexGuard};

use super::{
    group_error::GroupError,
    member::{Key, TaskSet},
    node::NodeRef,
};
use crate::base::{state::Interrupt, sync::lock};

/// See the module's documentation.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    newest: Option<(u32, NodeRef)>,
    /// Those that it has replaced, and that may not have been told yet.
    replaced: Vec<(u32, NodeRef)>,
    count: u32,
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
        inner.replaced.extend(last.clone());
        drop(inner);
        if let Some((_, last)) = last {
            last.replace();
        }
    }

    /// Cancels the newest one.
    pub(crate) fn cancel(&self) {
        let newest = self.newest();
        if let Some(newest) = newest {
            newest.interrupt(Interrupt::Cancelled);
        }
    }

    /// The first one that was replaced before this one and whose callback is due on this thread and
    /// this context. One whose worker has committed, and goes on, is not.
    fn next_replaced(&self, member: u32, context: usize) -> Option<NodeRef> {
        let inner = self.lock();
        let replaced = inner.replaced.iter();
        let mut before = replaced.take_while(|(number, _)| *number != member);
        let next = before.find(|(_, node)| node.is_due_here(context));
        next.map(|(_, node)| node.clone())
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
        let is_over = |(_, node): &mut (u32, NodeRef)| node.state.is_over();
        let gone: Vec<_> = inner.replaced.extract_if(.., is_over).collect();
        drop(inner);
        // Unlocked: what was attached to a task is foreign.
        drop((over, gone));
    }
}
