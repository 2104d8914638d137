//! [`Task`]: a settlement, and the queue through which its deliveries go home.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize as Counter, Ordering},
    },
};

use crate::{
    settlement::Settlement,
    state::{Interrupt, Verdict},
    sync::{self, Condvar, JoinHandle, Mutex, PoisonError, lock},
};

/// See the module's documentation.
pub(crate) struct Task {
    pub(crate) settlement: Settlement<Left>,
    lane: Mutex<Lane>,
    /// Signalled as something is sent.
    rung: Condvar,
    /// What the callback was called with: the last, and how often.
    verdict: std::sync::Mutex<(Option<Verdict>, usize)>,
    /// How many results were left, called back with, and dropped.
    left: Counter,
    delivered: Counter,
    dropped: Counter,
}

/// What the completer leaves.
pub(crate) struct Left(());

/// As much of the library's lane as matters here.
struct Lane {
    sent: usize,
    /// Whether the context lives.
    is_open: bool,
}

impl Task {
    pub(crate) fn new(check_cancellable: bool) -> Self {
        Self {
            settlement: Settlement::new(check_cancellable),
            lane: Mutex::new(Lane {
                sent: 0,
                is_open: true,
            }),
            rung: Condvar::new(),
            verdict: std::sync::Mutex::default(),
            left: Counter::new(0),
            delivered: Counter::new(0),
            dropped: Counter::new(0),
        }
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
        self.left.fetch_add(1, Ordering::Relaxed);
        if self.settlement.complete(success, Left(())) {
            self.send();
        }
    }

    /// Runs as a worker does, in between what `busy` does; or not, when the
    /// task was ended before.
    pub(crate) fn work(&self, busy: impl FnOnce()) {
        if self.settlement.start_worker() {
            busy();
            self.complete(true);
        }
    }

    pub(crate) fn interrupt(&self, why: Interrupt) {
        if self.settlement.interrupt(why) {
            self.send();
        }
    }

    fn send(&self) {
        let mut lane = lock(&self.lane);
        if !lane.is_open {
            drop(lane);
            self.bury();
            return;
        }
        if self.settlement.is_taken_back() {
            return;
        }
        lane.sent += 1;
        drop(lane);
        self.rung.notify_all();
    }

    /// Takes back what was sent, or is about to be, as who waits does.
    pub(crate) fn take_back(&self) {
        if self.settlement.take_back() {
            lock(&self.lane).sent = 0;
        }
    }

    pub(crate) fn is_anything_sent(&self) -> bool {
        lock(&self.lane).sent > 0
    }

    /// The context dies: its callback is dropped, and so is what was sent.
    pub(crate) fn close(&self) {
        let mut lane = lock(&self.lane);
        lane.is_open = false;
        lane.sent = 0;
        drop(lane);
        self.bury();
    }

    fn bury(&self) {
        self.drop_left(self.settlement.bury());
    }

    fn drop_left(&self, left: Option<Left>) {
        let dropped = left.map_or(0, |Left(())| 1);
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
    }

    /// Calls the callback if that is due, as the library's table does.
    pub(crate) fn deliver(&self) {
        let (verdict, left) = self.settlement.take();
        let Some(verdict) = verdict else {
            self.drop_left(left);
            return;
        };
        match verdict {
            Verdict::Completed => {
                let Left(()) = left.expect("a completer leaves a result before it ends");
                self.delivered.fetch_add(1, Ordering::Relaxed);
            }
            Verdict::Interrupted(_) => {
                self.drop_left(left);
                assert!(self.settlement.is_interrupted(), "the worker is told");
            }
        }
        let mut verdicts = self.verdict.lock().unwrap();
        *verdicts = (Some(verdict), verdicts.1 + 1);
        drop(verdicts);
        self.settlement.finish();
    }

    /// Delivers what is sent, as a main loop does, until the callback has run.
    pub(crate) fn iterate(&self) {
        while !self.settlement.is_finished() {
            let mut lane = lock(&self.lane);
            while lane.sent == 0 {
                let waited = self.rung.wait(lane);
                lane = waited.unwrap_or_else(PoisonError::into_inner);
            }
            lane.sent -= 1;
            drop(lane);
            self.deliver();
        }
    }

    /// Waits for `threads`, delivers what they have sent, and checks that the
    /// callback was called once at the most and that no result was lost.
    /// What it was called with.
    pub(crate) fn end<const N: usize>(&self, threads: [JoinHandle<()>; N]) -> Option<Verdict> {
        for thread in threads {
            thread.join().expect("a thread panicked");
        }
        let sent = mem::take(&mut lock(&self.lane).sent);
        (0..sent).for_each(|_| self.deliver());

        let (verdict, times) = *self.verdict.lock().unwrap();
        assert!(times <= 1, "called {times} times");
        let count = |counter: &Counter| counter.load(Ordering::Relaxed);
        assert_eq!(
            count(&self.delivered) + count(&self.dropped),
            count(&self.left),
            "a result goes home once"
        );
        verdict
    }
}
