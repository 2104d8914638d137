//! What is due on a context is done: its loop never sleeps while something is left, and
//! nobody but it is needed.
//!
//! `context/queue.rs` and `context/level.rs` are full of GLib; here are, step by step, the
//! flags and locks by which they wake a loop, under a loop that asks its sources as GLib's
//! does. What is changed there is to be changed here.

use std::{
    sync::{
        Arc, Mutex as OfTheLoop,
        atomic::{AtomicUsize as Counter, Ordering as Order},
    },
    time::Duration,
};

use crate::sync::{
    self, AtomicBool, Condvar, Instant, JoinHandle, LONG, Mutex, Ordering, PoisonError,
    Preemptions::{self, Any, AtMost},
    explore, lock, pass,
};

/// A descriptor that can be read from when it was written to until it is cleared.
struct Descriptor {
    is_readable: Mutex<bool>,
    written: Condvar,
}

impl Descriptor {
    fn write(&self) {
        *lock(&self.is_readable) = true;
        self.written.notify_all();
    }

    fn clear(&self) {
        *lock(&self.is_readable) = false;
    }

    /// Waits until it is readable, but not beyond the instant `until`. Says whether it is.
    fn poll(&self, until: Option<Instant>) -> bool {
        let mut is_readable = lock(&self.is_readable);
        while !*is_readable {
            is_readable = match until {
                None => {
                    let waited = self.written.wait(is_readable);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    let waited = self.written.wait_timeout(is_readable, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *is_readable
    }
}

/// `context::Level`: what is due at one priority.
struct Level {
    is_due: AtomicBool,
    incoming: Mutex<usize>,
    outgoing: OfTheLoop<usize>,
}

/// `context::Queue`, and the loop of its context.
struct Context {
    is_woken: AtomicBool,
    descriptor: Descriptor,
    /// Above the queue's own source in priority, and below.
    levels: [Level; 2],
    timers: Mutex<Vec<Instant>>,
    /// How much one dispatch does before it gives way.
    slice: usize,
    /// How many callbacks iterate the loop once more.
    nested: Counter,
    done: Counter,
}

/// The level that is asked before the queue's own source, and the one that is asked after it.
const ABOVE: usize = 0;
const BELOW: usize = 1;

impl Context {
    fn new() -> Arc<Self> {
        Self::with(usize::MAX, 0)
    }

    /// A context whose dispatch does `slice` things at once, and whose first callbacks, so
    /// many of them as `nested` says, iterate it.
    fn with(slice: usize, nested: usize) -> Arc<Self> {
        Arc::new(Self {
            is_woken: AtomicBool::new(false),
            descriptor: Descriptor {
                is_readable: Mutex::new(false),
                written: Condvar::new(),
            },
            levels: [(); 2].map(|()| Level {
                is_due: AtomicBool::new(false),
                incoming: Mutex::new(0),
                outgoing: OfTheLoop::new(0),
            }),
            timers: Mutex::new(Vec::new()),
            slice,
            nested: Counter::new(nested),
            done: Counter::new(0),
        })
    }

    fn spawn(self: &Arc<Self>, run: impl FnOnce(&Self) + Send + 'static) -> JoinHandle<()> {
        let context = self.clone();
        sync::spawn(move || run(&context))
    }

    /// `Level::push`.
    fn push(&self, level: usize) {
        *lock(&self.levels[level].incoming) += 1;
        self.note(level);
    }

    /// `Level::note`.
    fn note(&self, level: usize) {
        if !self.levels[level].is_due.swap(true, Ordering::AcqRel) {
            self.wake();
        }
    }

    /// `Queue::wake`.
    fn wake(&self) {
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            self.descriptor.write();
        }
    }

    /// `Queue::add_timer`, on a thread that does not own the context.
    fn add_timer(&self, at: Instant) {
        let is_first = {
            let mut timers = lock(&self.timers);
            timers.push(at);
            timers.sort();
            timers[0] == at
        };
        if is_first {
            self.wake();
        }
    }

    /// When the first timer is due.
    fn first_timer(&self) -> Option<Instant> {
        lock(&self.timers).first().copied()
    }

    fn is_due(&self, level: usize) -> bool {
        self.levels[level].is_due.load(Ordering::Acquire)
    }

    /// One iteration of the loop, which may block. Sources of a lower priority than the
    /// first one that is ready are not asked, and their descriptors are not polled.
    fn iterate(&self) {
        let now = Instant::now();
        let above = self.is_due(ABOVE);
        let first_timer = if above { None } else { self.first_timer() };
        let timed_out = first_timer.is_some_and(|at| at <= now);
        let below = !above && !timed_out && self.is_due(BELOW);

        let is_readable = !above && {
            let is_ready = timed_out || below;
            self.descriptor
                .poll(if is_ready { Some(now) } else { first_timer })
        };

        let above = above || self.is_due(ABOVE);
        let timed_out = !above && (timed_out || self.check(is_readable));
        let below = !above && !timed_out && (below || self.is_due(BELOW));
        if above {
            self.dispatch(ABOVE);
        } else if timed_out {
            self.time_out();
        } else if below {
            self.dispatch(BELOW);
        }
    }

    /// The `check` of the queue's source.
    fn check(&self, is_woken: bool) -> bool {
        if is_woken {
            self.descriptor.clear();
            self.is_woken.swap(false, Ordering::AcqRel);
        }
        self.first_timer().is_some_and(|at| at <= Instant::now())
    }

    /// The `dispatch` of the queue's source.
    fn time_out(&self) {
        let now = Instant::now();
        let mut timers = lock(&self.timers);
        let before = timers.len();
        timers.retain(|at| *at > now);
        self.done.fetch_add(before - timers.len(), Order::Relaxed);
    }

    /// The `dispatch` of a level.
    fn dispatch(&self, level: usize) {
        if self.gather(level) == 0 {
            return;
        }
        for _ in 0..self.slice {
            let next = {
                let mut outgoing = self.levels[level].outgoing.lock().unwrap();
                let next = *outgoing > 0;
                *outgoing -= usize::from(next);
                next
            };
            if !next && !self.next_that_came_in(level) {
                break;
            }
            self.call_back();
        }
        self.gather(level);
    }

    /// Takes over what has come in. How much is there; nothing is due, if nothing is.
    fn gather(&self, level: usize) -> usize {
        let level = &self.levels[level];
        let mut outgoing = level.outgoing.lock().unwrap();
        let mut incoming = lock(&level.incoming);
        *outgoing += std::mem::take(&mut *incoming);
        if *outgoing == 0 {
            // The library only stores it, which is as good. Loom takes a store and an exchange
            // that do not know of each other to be without an order for ever.
            level.is_due.swap(false, Ordering::Release);
        }
        *outgoing
    }

    /// What `Level::next` finds where all that was taken over is done.
    fn next_that_came_in(&self, level: usize) -> bool {
        let level = &self.levels[level];
        let mut outgoing = level.outgoing.lock().unwrap();
        *outgoing += std::mem::take(&mut *lock(&level.incoming));
        let next = *outgoing > 0;
        *outgoing -= usize::from(next);
        next
    }

    fn call_back(&self) {
        self.done.fetch_add(1, Order::Relaxed);
        if self.nested.load(Order::Relaxed) > 0 {
            self.nested.fetch_sub(1, Order::Relaxed);
            self.iterate();
        }
    }

    /// Iterates until so much is done, and waits for `threads`.
    fn end<const N: usize>(&self, done: usize, threads: [JoinHandle<()>; N]) {
        while self.done.load(Order::Relaxed) < done {
            self.iterate();
        }
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(self.done.load(Order::Relaxed), done, "each is done once");
    }
}

/// Each of `threads` pushes at some levels, in order.
fn explore_pushes<const N: usize>(
    preemptions: Preemptions,
    make: fn() -> Arc<Context>,
    threads: [&'static [usize]; N],
) {
    explore(preemptions, move || {
        let context = make();
        let pushed = threads.iter().map(|levels| levels.len()).sum();
        let threads = threads.map(|levels| {
            context.spawn(|context| levels.iter().for_each(|level| context.push(*level)))
        });
        context.end(pushed, threads);
    });
}

#[test]
fn one_thread_at_one_priority() {
    explore_pushes(Any, Context::new, [&[BELOW]]);
    explore_pushes(Any, Context::new, [&[ABOVE, ABOVE]]);
}

#[test]
fn two_threads_at_one_priority() {
    explore_pushes(AtMost(4), Context::new, [&[BELOW], &[BELOW]]);
    explore_pushes(AtMost(4), Context::new, [&[ABOVE], &[ABOVE]]);
}

#[test]
fn two_threads_at_two_priorities() {
    explore_pushes(AtMost(4), Context::new, [&[ABOVE], &[BELOW]]);
}

#[test]
fn two_threads_at_two_priorities_in_turn() {
    explore_pushes(AtMost(3), Context::new, [&[ABOVE, BELOW], &[BELOW]]);
    explore_pushes(AtMost(3), Context::new, [&[BELOW, ABOVE], &[ABOVE]]);
}

/// Each dispatch gives way after one thing: the rest is there for the next.
#[test]
fn a_dispatch_that_gives_way() {
    explore_pushes(
        AtMost(3),
        || Context::with(1, 0),
        [&[BELOW, BELOW], &[BELOW]],
    );
}

/// A callback iterates the loop, which dispatches the same level again. It may sleep until
/// the other thread comes.
#[test]
fn a_nested_loop() {
    explore_pushes(
        AtMost(3),
        || Context::with(usize::MAX, 1),
        [&[BELOW, BELOW], &[BELOW]],
    );
    explore_pushes(
        AtMost(3),
        || Context::with(1, 1),
        [&[BELOW, ABOVE], &[BELOW]],
    );
}

/// A timer that is now the first wakes the loop, which sleeps for longer, or for ever.
#[test]
fn timers() {
    explore(AtMost(2), || {
        let context = Context::new();
        let now = Instant::now();
        let at = |time: Duration| now.checked_add(time).unwrap();
        let (soon, late) = (at(LONG), at(2 * LONG));
        let threads = [
            context.spawn(move |context| context.add_timer(late)),
            context.spawn(move |context| context.add_timer(soon)),
            sync::spawn(|| {
                pass(LONG);
                pass(LONG);
            }),
        ];
        context.end(2, threads);
    });
}

/// A loop that sleeps until a time is woken before.
#[test]
fn a_push_and_a_timer() {
    explore(AtMost(2), || {
        let context = Context::new();
        let at = Instant::now().checked_add(LONG).unwrap();
        let threads = [
            context.spawn(move |context| {
                context.add_timer(at);
                context.push(BELOW);
            }),
            context.spawn(|context| context.push(ABOVE)),
            sync::spawn(|| pass(LONG)),
        ];
        context.end(3, threads);
    });
}
