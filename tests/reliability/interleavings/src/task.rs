//! [`Task`]: a state, the places that it guards, and the queue through which its delivery
//! goes home.
//!
//! Each method does what the library does in `node/life.rs`, `node/deliver.rs` and
//! `node/completer.rs`, step by step, without the types and the contexts.

use std::sync::{
    Arc, Mutex as Uncounted,
    atomic::{AtomicUsize as Counter, Ordering},
};

use crate::{
    slot::Slot,
    state::{Completed, Interrupt, State, Submitted, Taken, Traits, Verdict},
    sync::{self, Condvar, JoinHandle, Mutex, PoisonError, lock},
};

/// See the module's documentation.
pub(crate) struct Task {
    pub(crate) state: State,
    callback: Slot<()>,
    result: Slot<()>,
    worker: Slot<()>,
    /// What the callback has done, for who waits for that.
    pub(crate) done: Slot<()>,
    queue: Mutex<Queue>,
    /// Signalled as something is sent.
    rung: Condvar,
    seen: Seen,
}

/// As much of the queue of a context as matters here.
struct Queue {
    sent: usize,
    /// Whether the context lives.
    is_open: bool,
}

/// What has happened. Counted where loom sees nothing, as that makes no interleavings.
#[derive(Default)]
struct Seen {
    /// What the callback was called with.
    called: Uncounted<Vec<Verdict>>,
    callbacks_dropped: Counter,
    sent: Counter,
    results: Ends,
    workers: Ends,
}

/// What becomes of things, each of which has one end.
#[derive(Default)]
struct Ends {
    made: Counter,
    /// Given to whom they were for.
    used: Counter,
    dropped: Counter,
}

/// Counts one more. How many there were before.
fn count(counter: &Counter) -> usize {
    counter.fetch_add(1, Ordering::Relaxed)
}

fn counted(counter: &Counter) -> usize {
    counter.load(Ordering::Relaxed)
}

impl Ends {
    /// Whether each has come to one end.
    fn are_all(&self) -> bool {
        counted(&self.used) + counted(&self.dropped) == counted(&self.made)
    }
}

impl Task {
    /// A task whose success gives way to an interrupt.
    pub(crate) fn new() -> Self {
        Self::that_keeps_success(false)
    }

    pub(crate) fn that_keeps_success(keeps_success: bool) -> Self {
        Self::with(keeps_success, false)
    }

    /// A task with a worker that hears of an interrupt first, and then has it decide.
    pub(crate) fn that_returns_first() -> Self {
        let task = Self::with(false, true);
        assert!(task.submit(), "nobody has ended it");
        task
    }

    fn with(keeps_success: bool, returns_first: bool) -> Self {
        Self {
            state: State::new(Traits {
                keeps_success,
                returns_first,
            }),
            callback: Slot::filled(()),
            result: Slot::empty(),
            worker: Slot::empty(),
            done: Slot::empty(),
            queue: Mutex::new(Queue {
                sent: 0,
                is_open: true,
            }),
            rung: Condvar::new(),
            seen: Seen::default(),
        }
    }

    /// A task whose worker waits for a thread.
    pub(crate) fn with_worker() -> Self {
        let task = Self::new();
        assert!(task.submit(), "nobody has ended it");
        task
    }

    /// Starts a thread that does something to the task.
    pub(crate) fn spawn(
        self: &Arc<Self>,
        run: impl FnOnce(&Self) + Send + 'static,
    ) -> JoinHandle<()> {
        let task = self.clone();
        sync::spawn(move || run(&task))
    }

    /// Ends as a completer does.
    pub(crate) fn complete(&self, success: bool) {
        if self.leave(success) {
            self.send();
        }
    }

    /// Leaves a result. Says whether a delivery is to be sent.
    pub(crate) fn leave(&self, success: bool) -> bool {
        count(&self.seen.results.made);
        self.result.put(());
        let completed = self.state.complete(success);
        if completed != Completed::Wanted {
            self.drop_result();
            self.state.end_late();
        }
        completed != Completed::Late
    }

    fn drop_result(&self) {
        self.result.take();
        count(&self.seen.results.dropped);
    }

    /// Has the worker's function wait for a thread. Says whether it does.
    pub(crate) fn submit(&self) -> bool {
        self.put_worker();
        let is_waiting = self.state.submit_worker() == Submitted::Waits;
        if !is_waiting {
            self.drop_worker();
        }
        is_waiting
    }

    /// The same for who alone knows the task.
    pub(crate) fn submit_alone(&self) -> bool {
        self.put_worker();
        let is_waiting = self.state.submit_worker_alone() == Submitted::Waits;
        if !is_waiting {
            self.drop_worker();
        }
        is_waiting
    }

    fn put_worker(&self) {
        count(&self.seen.workers.made);
        self.worker.put(());
    }

    /// Starts the worker, unless the task was ended before. Says whether it does.
    pub(crate) fn start(&self) -> bool {
        let starts = self.state.start_worker();
        if starts {
            self.worker.take();
            count(&self.seen.workers.used);
        }
        starts
    }

    fn drop_worker(&self) {
        self.worker.take();
        count(&self.seen.workers.dropped);
    }

    /// Runs as a worker does, in between what `busy` does; or not, when the
    /// task was ended before.
    pub(crate) fn work(&self, busy: impl FnOnce()) {
        if self.start() {
            busy();
            self.complete(true);
        }
    }

    /// Ends the task from outside. Says whether that has sent a delivery.
    pub(crate) fn interrupt(&self, why: Interrupt) -> bool {
        let interrupted = self.state.interrupt(why);
        if interrupted.send {
            self.send();
        }
        if interrupted.drop_worker {
            self.drop_worker();
        }
        interrupted.send
    }

    pub(crate) fn send(&self) {
        let mut queue = lock(&self.queue);
        if !queue.is_open {
            drop(queue);
            if self.state.take_result() {
                self.drop_result();
            }
            return;
        }
        let before = count(&self.seen.sent);
        assert_eq!(before, 0, "who decides sends, and nobody else");
        if !self.state.is_taken_back() {
            queue.sent += 1;
        }
        drop(queue);
        self.rung.notify_all();
    }

    /// Takes back what was sent, or is about to be, as who waits does.
    pub(crate) fn take_back(&self) {
        if self.state.take_back() {
            lock(&self.queue).sent = 0;
        }
    }

    pub(crate) fn is_anything_sent(&self) -> bool {
        lock(&self.queue).sent > 0
    }

    /// The context dies: what was sent is dropped, and the callback at home, which is here.
    pub(crate) fn close(&self) {
        self.close_queue();
        self.withdraw();
    }

    /// The context dies elsewhere: its callback is still there.
    pub(crate) fn close_queue(&self) {
        let mut queue = lock(&self.queue);
        queue.is_open = false;
        queue.sent = 0;
    }

    /// Drops the callback, unless somebody has taken it.
    pub(crate) fn withdraw(&self) {
        let Some(withdrawn) = self.state.withdraw() else {
            return;
        };
        if withdrawn.has_worker {
            self.drop_worker();
        }
        if withdrawn.has_result {
            self.drop_result();
        }
        self.callback.take();
        count(&self.seen.callbacks_dropped);
    }

    /// Calls the callback, if that is due.
    pub(crate) fn deliver(&self) {
        let Some(taken) = self.state.take() else {
            return;
        };
        self.call_back(taken);
        self.done.put(());
        self.state.finish();
    }

    /// Calls the callback, which is the caller's.
    fn call_back(&self, taken: Taken) {
        self.callback.take();
        if taken.has_result {
            self.result.take();
            let ends = &self.seen.results;
            count(match taken.verdict {
                Verdict::Completed => &ends.used,
                Verdict::Interrupted(_) => &ends.dropped,
            });
        }
        if let Verdict::Interrupted(_) = taken.verdict {
            assert!(self.state.is_interrupted(), "the worker is told");
        }
        self.called(taken.verdict);
    }

    /// Ends the task here, when nobody else knows it. `result` never goes to its place.
    pub(crate) fn complete_alone(&self) {
        self.callback.take();
        self.called(Verdict::Completed);
    }

    /// Calls the callback, when nobody else knows the task.
    pub(crate) fn deliver_alone(&self) {
        let taken = self.state.verdict().expect("it is decided");
        self.call_back(taken);
    }

    fn called(&self, verdict: Verdict) {
        self.seen.called.lock().unwrap().push(verdict);
    }

    /// Delivers what is sent, as a main loop does, until the callback has run.
    pub(crate) fn iterate(&self) {
        while !self.state.is_finished() {
            self.receive();
            self.deliver();
        }
    }

    /// Waits until a delivery was sent, and takes it out.
    pub(crate) fn receive(&self) {
        let mut queue = lock(&self.queue);
        while queue.sent == 0 {
            let waited = self.rung.wait(queue);
            queue = waited.unwrap_or_else(PoisonError::into_inner);
        }
        queue.sent -= 1;
    }

    /// Waits for `threads`, delivers what they have sent, and checks that the callback was
    /// called or dropped once, and that no result and no function was lost. What it was
    /// called with.
    pub(crate) fn end<const N: usize>(&self, threads: [JoinHandle<()>; N]) -> Option<Verdict> {
        for thread in threads {
            thread.join().expect("a thread panicked");
        }
        if self.is_anything_sent() {
            self.deliver();
        }
        let called = self.seen.called.lock().unwrap();
        let dropped = counted(&self.seen.callbacks_dropped);
        assert_eq!(called.len() + dropped, 1, "called or dropped, once");
        assert!(self.seen.results.are_all(), "a result is lost");
        assert!(self.seen.workers.are_all(), "a worker's function is lost");
        called.first().copied()
    }
}
