//! [`Level`]: what is due on a context at one priority, and its dispatch.
//!
//! Any thread queues; a dispatch takes all that has come in at once, and does it one by
//! one. What is left when it gives way, or for a loop that is nested in a callback, is
//! there for the next dispatch, as the level says that it is due until nothing is left.

use std::{
    collections::VecDeque,
    mem,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority};

use super::{
    levels::AtPriority,
    queue::{Due, Queue, SLICE},
    source::{self, Dispatch, Prepared},
};
use crate::base::{
    FLOOD,
    sync::{CachePadded, lock},
};

/// How soon what waits for its own thread asks whether that one iterates the
/// context again: each time later, as the thread may be gone.
const RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(1);

/// See the module's documentation.
pub(crate) struct Level<D: Due> {
    pub(crate) queue: Arc<Queue<D>>,
    priority: Priority,
    /// Whether there is something to do. Set after it was queued.
    is_due: AtomicBool,
    /// Since when, or since the last turn.
    due_since: AtomicI64,
    incoming: CachePadded<Mutex<Incoming<D>>>,
    /// A lock of its own, so that a dispatch, which takes one item after the other, does not
    /// contend with those who queue.
    outgoing: Mutex<Outgoing<D>>,
}

/// What has been queued since the last look.
struct Incoming<D> {
    items: VecDeque<D>,
    /// Whether anything is delivered still.
    is_open: bool,
}

/// What only the thread that iterates the context uses.
struct Outgoing<D> {
    items: VecDeque<D>,
    /// What came before `items`, and is for other threads than that of this dispatch.
    others: VecDeque<D>,
    /// Whether a timer is set to look again: what is left is for other threads, and this one
    /// iterates the context.
    is_retried: bool,
    /// After how long the next such timer looks.
    next_retry: Duration,
}

impl<D: Due> Level<D> {
    /// The level of `queue`, which is that of `context`, for `priority`.
    pub(crate) fn of(
        queue: &Arc<Queue<D>>,
        context: &MainContext,
        priority: Priority,
    ) -> Arc<Self> {
        queue.level(priority, || Self::open(queue, context, priority))
    }

    /// The level of `queue` for `priority`, if there is one.
    pub(crate) fn find(queue: &Queue<D>, priority: Priority) -> Option<Arc<Self>> {
        queue.find_level(priority)
    }

    fn open(queue: &Arc<Queue<D>>, context: &MainContext, priority: Priority) -> Arc<Self> {
        let level = Arc::new(Self {
            queue: queue.clone(),
            priority,
            is_due: AtomicBool::new(false),
            due_since: AtomicI64::new(0),
            incoming: CachePadded(Mutex::new(Incoming {
                items: VecDeque::new(),
                is_open: true,
            })),
            outgoing: Mutex::new(Outgoing {
                items: VecDeque::new(),
                others: VecDeque::new(),
                is_retried: false,
                next_retry: RETRY,
            }),
        });
        source::attach(&level, context, priority, c"qio-task completions", None);
        level
    }

    #[inline]
    pub(crate) fn priority(&self) -> Priority {
        self.priority
    }

    /// Whether this is a level of `context`: not of one that is dead and had
    /// the same address.
    #[inline]
    pub(crate) fn serves(&self, context: &MainContext, priority: Priority) -> bool {
        self.priority == priority && self.queue.serves(context)
    }

    /// Queues `item` and wakes the context. With the context dead, `item` is
    /// handed back.
    pub(crate) fn push(&self, item: D) -> Result<(), D> {
        let mut incoming = lock(&self.incoming.0);
        if !incoming.is_open {
            return Err(item);
        }
        // One that has been taken back wakes the loop all the same, as it would have done if it
        // had been queued before: which of the two came first is nothing to rely on.
        if !item.is_taken_back() {
            incoming.items.push_back(item);
        }
        self.note(incoming);
        Ok(())
    }

    /// Notes that something is due.
    fn note(&self, incoming: MutexGuard<'_, Incoming<D>>) {
        // ORDERING: all who change this have the lock. Who sees that it was noted before
        // leaves it to the dispatch, which clears this as it finds nothing left.
        if !self.is_due.load(Ordering::Relaxed) {
            self.due_since
                .store(glib::monotonic_time(), Ordering::Relaxed);
            self.is_due.store(true, Ordering::Release);
            // Unlocked: on one processor the context's thread runs at once, and would only
            // come back to wait for the lock.
            drop(incoming);
            self.queue.wake();
        }
    }

    fn is_due(&self) -> bool {
        self.is_due.load(Ordering::Acquire)
    }

    /// Takes out what is the `item` that is looked for, if it is queued.
    pub(crate) fn take_back(&self, is_it: impl Fn(&D) -> bool) {
        let mut outgoing = lock(&self.outgoing);
        let mut incoming = lock(&self.incoming.0);
        let outgoing = &mut *outgoing;
        let queues = [
            &mut outgoing.others,
            &mut outgoing.items,
            &mut incoming.items,
        ];
        let found = queues.into_iter().find_map(|queue| remove(queue, &is_it));
        drop(incoming);
        drop(found);
    }

    /// Does what is due until `end`. Says whether it has come to that.
    fn deliver(&self, end: Instant) -> bool {
        while let Some(item) = self.next() {
            let left = item.deliver(&self.queue, end);
            if let Some(left) = left {
                lock(&self.outgoing).items.push_front(left);
                return true;
            }
            if Instant::now() >= end {
                return true;
            }
        }
        false
    }

    /// A turn: does what is due until `end`, and gives way if there is more.
    fn turn(self: &Arc<Self>, end: Instant) {
        {
            let mut outgoing = lock(&self.outgoing);
            let mut incoming = lock(&self.incoming.0);
            outgoing.take_others_back();
            outgoing.gather(&mut incoming);
            if outgoing.items.is_empty() {
                // ORDERING: see `note`.
                self.is_due.store(false, Ordering::Release);
                return;
            }
        }
        let dispatching = Dispatching(self);
        let is_full = self.queue.within(None, || self.deliver(end));
        drop(dispatching);
        if is_full && self.is_due() {
            self.queue.gives_way.begin();
        }
        D::dispatched();
    }

    /// The first item that this thread can do.
    fn next(&self) -> Option<D> {
        let mut outgoing = lock(&self.outgoing);
        outgoing.next().or_else(|| {
            outgoing.gather(&mut lock(&self.incoming.0));
            outgoing.next()
        })
    }
}

impl<D: Due> AtPriority<D> for Level<D> {
    fn priority(&self) -> Priority {
        self.priority
    }

    fn due_since(&self) -> Option<i64> {
        // ORDERING: written before `is_due` is set.
        self.is_due()
            .then(|| self.due_since.load(Ordering::Relaxed))
    }

    fn take_turn(self: Arc<Self>, end: Instant) {
        self.turn(end);
    }

    fn retry(&self) {
        lock(&self.outgoing).is_retried = false;
        self.note(lock(&self.incoming.0));
    }

    fn look_again(&self) {
        if !lock(&self.outgoing).items.is_empty() {
            self.note(lock(&self.incoming.0));
        }
    }

    fn close(&self) -> [VecDeque<D>; 3] {
        let mut incoming = lock(&self.incoming.0);
        incoming.is_open = false;
        let came_in = mem::take(&mut incoming.items);
        drop(incoming);
        let mut outgoing = lock(&self.outgoing);
        [
            mem::take(&mut outgoing.others),
            mem::take(&mut outgoing.items),
            came_in,
        ]
    }
}

impl<D: Due> Dispatch for Level<D> {
    fn prepare(&self) -> Prepared {
        let gives_way = self.queue.gives_way.prepare_round();
        match self.is_due() {
            // Somebody has destroyed another source of the queue: this one goes, too.
            _ if !self.queue.is_open() => Prepared::Ready,
            true if gives_way => Prepared::Within(Duration::ZERO),
            true => Prepared::Ready,
            false => Prepared::Sleeps,
        }
    }

    fn check(&self, _: bool) -> bool {
        !self.queue.gives_way.check_round() && self.is_due()
    }

    fn dispatch(self: &Arc<Self>) -> ControlFlow {
        if !self.queue.gives_way.is_on() {
            self.turn(Instant::now() + SLICE);
        }
        self.queue.flow()
    }

    fn destroyed(&self) {
        self.queue.close();
    }
}

/// Takes an item out of a queue. One that is waited for is the first or the last one, more
/// often than not.
fn remove<D>(queue: &mut VecDeque<D>, is_it: impl Fn(&D) -> bool) -> Option<D> {
    let length = queue.len();
    let both_ends = (0..length.div_ceil(2)).flat_map(|index| [index, length - 1 - index]);
    let found = both_ends.into_iter().find(|index| is_it(&queue[*index]))?;
    queue.remove(found)
}

impl<D: Due> Outgoing<D> {
    /// The first item that this thread can do.
    fn next(&mut self) -> Option<D> {
        while let Some(item) = self.items.pop_front() {
            if item.is_for_this_thread() {
                return Some(item);
            }
            self.others.push_back(item);
        }
        None
    }

    /// The next dispatch, which may be nested in this one, may be another thread's.
    fn take_others_back(&mut self) {
        if !self.others.is_empty() {
            self.others.append(&mut self.items);
            mem::swap(&mut self.others, &mut self.items);
        }
    }

    /// Takes out what nobody will ever do, as its thread has ended.
    fn take_items_for_nobody(&mut self) -> VecDeque<D> {
        if !self.items.iter().any(Due::is_for_nobody) {
            return VecDeque::new();
        }
        let (gone, left) = self.items.drain(..).partition(Due::is_for_nobody);
        self.items = left;
        gone
    }

    /// Takes over what has come in.
    fn gather(&mut self, incoming: &mut Incoming<D>) {
        if self.items.is_empty() {
            mem::swap(&mut self.items, &mut incoming.items);
        } else {
            self.items.append(&mut incoming.items);
        }
        // What a flood needed is not kept for ever.
        if self.items.is_empty() && self.items.capacity() > FLOOD {
            self.items = VecDeque::new();
        }
    }
}

/// A dispatch on the stack; ends also when a callback unwinds.
struct Dispatching<'a, D: Due>(&'a Arc<Level<D>>);

impl<D: Due> Drop for Dispatching<'_, D> {
    fn drop(&mut self) {
        let level = self.0;
        let mut outgoing = lock(&level.outgoing);
        let mut incoming = lock(&level.incoming.0);
        outgoing.take_others_back();
        outgoing.gather(&mut incoming);
        if outgoing.items.iter().any(Due::is_for_this_thread) {
            // For the next dispatch. One that was nested in this one may have found nothing left
            // before this has put something back.
            level
                .due_since
                .store(glib::monotonic_time(), Ordering::Relaxed);
            level.is_due.store(true, Ordering::Release);
            return;
        }
        // What comes in from now on is noted anew.
        level.is_due.store(false, Ordering::Release);
        drop(incoming);
        // Whoever waits for these was told as their thread ended.
        let gone = outgoing.take_items_for_nobody();
        let mut passed_over = Vec::new();
        if outgoing.items.is_empty() {
            outgoing.next_retry = RETRY;
        } else if !outgoing.is_retried {
            let after = outgoing.next_retry;
            outgoing.next_retry = (2 * after).min(LONGEST_RETRY);
            outgoing.is_retried = true;
            level.queue.retry_after(after, level.clone());
            let items = outgoing.items.iter_mut();
            passed_over.extend(items.filter_map(|item| item.pass_over(&level.queue)));
        }
        drop(outgoing);
        // Unlocked: it may hold the last reference on something foreign.
        drop(gone);
        for item in passed_over {
            item.tell_passed_over(&level.queue);
        }
    }
}
