//! A task that nobody else knows is ended without any exchange; that nobody else does, its
//! references say. And who drops the last one frees it after all that others have done.

use std::{ops::Deref, sync::Arc};

use crate::{
    slot::Slot,
    state::{Interrupt, Verdict},
    sync::{
        AtomicUsize, Condvar, JoinHandle, Mutex, Ordering, PoisonError,
        Preemptions::{Any, AtMost},
        acquire, explore, lock, spawn,
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
        let is_alone = self.is_alone() && !self.state.is_interrupted();
        if is_alone {
            self.complete_alone();
            self.memory.take();
        } else {
            self.leave(true);
            self.deliver_here();
        }
        is_alone
    }

    fn is_alone(&self) -> bool {
        self.references.load(Ordering::Acquire) == 2
    }

    /// Completes the task elsewhere. What is sent has the completer's reference.
    fn complete_in_idle(&self) {
        if self.leave(true) {
            self.send();
        } else {
            self.drop_reference();
        }
    }

    /// Delivers the task at home, with a reference. Says whether nobody else knew it.
    fn deliver_here(&self) -> bool {
        let is_alone = self.is_alone();
        if is_alone {
            self.deliver_alone();
            self.memory.take();
        } else {
            self.deliver();
            // The registry's, as the callback was called, and the caller's.
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

/// Completed elsewhere, and delivered while somebody lets go: by who comes last, alone.
#[test]
fn who_looks_lets_go_of_what_is_delivered() {
    explore(AtMost(4), || {
        let node = Node::new(1);
        let completer = spawn({
            let node = node.clone();
            move || node.complete_in_idle()
        });
        let other = node.spawn(|node| {
            node.state.is_interrupted();
        });
        node.task.receive();
        node.deliver_here();
        let verdict = node.task.end([completer, other]);
        assert_eq!(verdict, Some(Verdict::Completed));
        assert!(!node.memory.is_filled(), "it is freed");
    });
}

/// Completed elsewhere, and cancelled: what decides is sent, and a success gives way.
#[test]
fn who_cancels_lets_go_of_what_is_delivered() {
    explore(AtMost(3), || {
        let node = Node::new(1);
        let completer = spawn({
            let node = node.clone();
            move || node.complete_in_idle()
        });
        let other = node.spawn(Node::cancel);
        node.task.receive();
        node.deliver_here();
        assert!(node.task.end([completer, other]).is_some());
        assert!(!node.memory.is_filled(), "it is freed");
    });
}

/// The state of a task that nobody else knows any more tells what the last of the others has
/// told it, though nothing is changed.
#[test]
fn a_verdict_that_is_only_looked_at() {
    for cancels in [false, true] {
        explore(Any, move || {
            let node = Node::new(1);
            let other = node.spawn(move |node| {
                node.complete_in_idle();
                if cancels {
                    node.cancel();
                }
            });
            node.task.receive();
            let was_alone = node.deliver_here();
            let verdict = node.task.end([other]);
            if was_alone {
                let was_cancelled = verdict == Some(Verdict::Interrupted(Interrupt::Cancelled));
                assert_eq!(was_cancelled, cancels, "it was told before");
            }
        });
    }
}

/// Whom a task was handed to, with a lock, and is not yet with.
struct HandedOver {
    to: Mutex<Vec<To>>,
    any: Condvar,
}

#[derive(Clone, Copy, PartialEq)]
enum To {
    Worker,
    Canceller,
}

impl HandedOver {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            to: Mutex::new(Vec::new()),
            any: Condvar::new(),
        })
    }

    fn hand(&self, to: To) {
        lock(&self.to).push(to);
        self.any.notify_all();
    }

    /// Waits until `whom` has it.
    fn wait(&self, whom: To) {
        let mut to = lock(&self.to);
        while !to.contains(&whom) {
            let waited = self.any.wait(to);
            to = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Starts a thread that does something to the task as soon as it has it.
    fn spawn(
        self: &Arc<Self>,
        task: &Arc<Task>,
        whom: To,
        run: impl FnOnce(&Task) + Send + 'static,
    ) -> JoinHandle<()> {
        let handed = self.clone();
        task.spawn(move |task| {
            handed.wait(whom);
            run(task);
        })
    }
}

/// Its worker is submitted without an exchange, and then the task is handed on: to the pool,
/// and to who cancels it, in either order.
#[test]
fn a_worker_that_is_submitted_alone() {
    for order in [[To::Worker, To::Canceller], [To::Canceller, To::Worker]] {
        explore(AtMost(4), move || {
            let (task, handed) = (Arc::new(Task::new()), HandedOver::new());
            let threads = [
                handed.spawn(&task, To::Worker, |task| task.work(|| {})),
                handed.spawn(&task, To::Canceller, |task| {
                    task.interrupt(Interrupt::Cancelled);
                }),
            ];
            assert!(task.submit_alone(), "nobody has ended it");
            for to in order {
                handed.hand(to);
            }
            assert!(task.end(threads).is_some());
        });
    }
}

#[test]
fn a_worker_that_is_submitted_alone_and_waited_for() {
    explore(AtMost(4), || {
        let (task, handed) = (Arc::new(Task::new()), HandedOver::new());
        let worker = handed.spawn(&task, To::Worker, |task| task.work(|| {}));
        assert!(task.submit_alone(), "nobody has ended it");
        handed.hand(To::Worker);
        task.state.wait_for_worker(None, || false);
        task.deliver();
        task.take_back();
        assert_eq!(task.end([worker]), Some(Verdict::Completed));
    });
}

/// Its callback was dropped before it is submitted.
#[test]
fn a_worker_that_is_submitted_alone_too_late() {
    explore(Any, || {
        let task = Task::new();
        task.close();
        assert!(!task.submit_alone(), "it never runs");
        task.state.wait_for_worker(None, || false);
        assert_eq!(task.end([]), None);
    });
}
