//! [`Tasks`]: tasks that have not ended, for who finds them when their context dies, or their
//! thread.

use std::{mem, sync::atomic::Ordering};

use super::node::{NodeRef, Queue};
use crate::base::FLOOD;

/// See the module's documentation. In no order.
#[derive(Default)]
pub(super) struct Tasks {
    nodes: Vec<NodeRef>,
    next_serial: u32,
}

impl Tasks {
    #[inline]
    pub(super) fn insert(&mut self, node: NodeRef, serial: u32) {
        node.serial.store(serial, Ordering::Relaxed);
        set_index(&node, self.nodes.len());
        self.nodes.push(node);
    }

    /// How many were made on this thread before.
    #[inline]
    pub(super) fn next_serial(&mut self) -> u32 {
        let serial = self.next_serial;
        self.next_serial = serial.wrapping_add(1);
        serial
    }

    #[inline]
    pub(super) fn remove(&mut self, node: &NodeRef) -> Option<NodeRef> {
        let index = node.index.load(Ordering::Relaxed) as usize;
        if self.nodes.get(index) != Some(node) {
            return None;
        }
        let removed = self.nodes.swap_remove(index);
        if let Some(moved) = self.nodes.get(index) {
            set_index(moved, index);
        } else if self.nodes.is_empty() && self.nodes.capacity() > FLOOD {
            // What a flood needed is not kept for ever.
            self.nodes = Vec::new();
        }
        Some(removed)
    }

    /// Takes out those whose queue is dead.
    pub(super) fn remove_dead(&mut self, is_dead: impl Fn(&Queue) -> bool) -> Vec<NodeRef> {
        let is_dead = |node: &mut NodeRef| is_dead(&node.level.queue);
        let dead = self.nodes.extract_if(.., is_dead).collect();
        for (index, node) in self.nodes.iter().enumerate() {
            set_index(node, index);
        }
        dead
    }

    /// Takes out all.
    pub(super) fn remove_all(&mut self) -> Vec<NodeRef> {
        mem::take(&mut self.nodes)
    }
}

#[inline]
fn set_index(node: &NodeRef, index: usize) {
    let index = u32::try_from(index).expect("memory ends before");
    // ORDERING: only who has the tasks asks.
    node.index.store(index, Ordering::Relaxed);
}
