//! A task that nobody else knows is ended without any exchange; that nobody else does, its
//! references say. And who drops the last one frees it after all that others have done.

use std::{ops::Deref, sync::Arc};

use crate::{
    slot::Slot,
    state::{Interrupt, Verdict},
    sync::{
        AtomicUsize, JoinHandle, Ordering,
        Preemptions::{Any, AtMost},
        acquire, explore, spawn,
    },
    task::Task,
};

/// A task with counted references, as `node/node.rs` has them.
struct Node {
    task: Task,
    references: AtomicUsize,
    /// Emptied as the node is freed; whoever uses it looks at this.
    memory: Slot<()>,
}

impl Deref for Node {
    type Target = Task;

    fn deref(&self) -> &Task {
        assert!(self.memory.is_filled(), "it was freed");
        &self.task
    }
}

impl Node {
    /// A node with the reference of the registry and that of the completer, and so many
    /// `others`.
    fn new(others: usize) -> Arc<Self> {
        Arc::new(Self {
            task: Task::new(),
            references: AtomicUsize::new(2 + others),
            memory: Slot::filled(()),
        })
    }

    fn add_reference(&self) {
        self.references.fetch_add(1, Ordering::Relaxed);
    }

    fn drop_reference(&self) {
        if self.references.fetch_sub(1, Ordering::Release) == 1 {
            acquire(&self.references);
            self.memory.take();
        }
    }

    /// Completes the task at home. Says whether nobody else knew it.
    fn complete_here(&self) -> bool {
        let is_alone = self.references.load(Ordering::Acquire) == 2;
        if is_alone {
            self.complete_alone();
            self.memory.take();
        } else {
            self.leave(true);
            self.deliver();
            // The registry's, as the callback was called, and the completer's.
            self.drop_reference();
            self.drop_reference();
        }
        is_alone
    }

    /// Does something to the task on a thread which has a reference of its own.
    fn spawn(self: &Arc<Self>, run: impl FnOnce(&Self) + Send + 'static) -> JoinHandle<()> {
        let node = self.clone();
        spawn(move || {
            run(&node);
            node.drop_reference();
        })
    }

    /// Cancels the task. A delivery that is sent has a reference.
    fn cancel(&self) {
        self.add_reference();
        if !self.interrupt(Interrupt::Cancelled) {
            self.drop_reference();
        }
    }
}

/// Another thread looks at the task, and lets go of it.
#[test]
fn who_looks_lets_go() {
    explore(Any, || {
        let node = Node::new(1);
        let other = node.spawn(|node| {
            node.state.is_interrupted();
            node.state.is_finished();
        });
        node.complete_here();
        other.join().unwrap();
        assert_eq!(node.task.end([]), Some(Verdict::Completed));
        assert!(!node.memory.is_filled(), "it is freed");
    });
}

#[test]
fn two_that_look_let_go() {
    explore(AtMost(3), || {
        let node = Node::new(2);
        let others = [(); 2].map(|()| {
            node.spawn(|node| {
                node.state.is_interrupted();
            })
        });
        node.complete_here();
        assert_eq!(node.task.end(others), Some(Verdict::Completed));
        assert!(!node.memory.is_filled(), "it is freed");
    });
}

/// Who cancels has told of it before it lets go: nobody takes the task for unknown.
#[test]
fn who_cancels_lets_go() {
    explore(Any, || {
        let node = Node::new(1);
        let other = node.spawn(Node::cancel);
        let was_alone = node.complete_here();
        other.join().unwrap();
        assert!(!was_alone, "a delivery was sent");
        // What was sent is delivered to nobody, and lets go.
        let is_sent = node.task.is_anything_sent();
        assert!(node.task.end([]).is_some());
        if is_sent {
            node.drop_reference();
        }
        assert!(!node.memory.is_filled(), "it is freed");
    });
}
