//! The completions of one priority of a context, and their dispatch.
//!
//! Any thread queues; the bell wakes the context, whose dispatch takes all
//! that has come in at once, and delivers it one by one. What is left when it
//! gives way, or for a loop that is nested in a callback, is there for the
//! next dispatch, as the bell goes on ringing until nothing is left.

use std::{
    collections::VecDeque,
    io, mem,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority, Source};

use super::{Delivery, Item, bell::Bell, source};
use crate::{Apart, FLOOD, control::Control, held, home::Home, lock, observe, runner, sent};

/// For how long one dispatch delivers before it lets other sources run.
const SLICE: Duration = Duration::from_millis(2);

/// How soon what waits for its own thread asks whether that one iterates the
/// context again: each time later, as the thread may be gone.
const RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(1);

/// See the module's documentation.
pub(crate) struct Lane {
    pub(crate) delivery: Arc<Delivery>,
    priority: Priority,
    bell: Bell,
    incoming: Apart<Mutex<Incoming>>,
    /// Beside what comes in, so that a dispatch and those who queue seldom meet.
    outgoing: Mutex<Outgoing>,
}

/// What has been queued since the last look.
struct Incoming {
    items: VecDeque<Item>,
    /// Whether the bell was rung, or is about to be, and not silenced since.
    rings: bool,
    /// Whether the context lives.
    is_open: bool,
}

/// What only the thread that iterates the context uses.
struct Outgoing {
    items: VecDeque<Item>,
    /// What came before `items`, and is not for the thread of this dispatch.
    strays: VecDeque<Item>,
    /// Rings the bell again, when all that is left waits for its own thread
    /// to iterate the context, and another one does.
    retry: Option<Source>,
    patience: Duration,
}

/// What a dead context leaves, to be dropped when nothing is locked.
pub(super) struct Remains {
    items: [VecDeque<Item>; 3],
    _retry: Option<Source>,
}

impl Remains {
    pub(super) fn discard(self) {
        // GLib finalizes the context: no panic may cross its frames.
        let items = self.items.into_iter().flatten();
        items.for_each(|item| runner::quietly(|| item.discard()));
    }
}

impl Lane {
    /// Makes the lane of `delivery`, which is that of `context`, for `priority`.
    ///
    /// # Errors
    ///
    /// When the process is out of descriptors.
    pub(super) fn open(
        delivery: &Arc<Delivery>,
        context: &MainContext,
        priority: Priority,
    ) -> io::Result<Arc<Self>> {
        let lane = Arc::new(Self {
            delivery: delivery.clone(),
            priority,
            bell: Bell::new()?,
            incoming: Apart(Mutex::new(Incoming {
                items: VecDeque::new(),
                rings: false,
                is_open: true,
            })),
            outgoing: Mutex::new(Outgoing {
                items: VecDeque::new(),
                strays: VecDeque::new(),
                retry: None,
                patience: RETRY,
            }),
        });
        source::attach(&lane, context, lane.bell.descriptor(), priority);
        Ok(lane)
    }

    #[inline]
    pub(crate) fn priority(&self) -> Priority {
        self.priority
    }

    /// Whether this is a lane of `context`: not of one that is dead and had
    /// the same address.
    #[inline]
    pub(crate) fn serves(&self, context: &MainContext, priority: Priority) -> bool {
        self.priority == priority && self.delivery.serves(context)
    }

    /// Queues `item` and wakes the context. With the context dead, `item` is
    /// handed back.
    pub(crate) fn push(&self, item: Item) -> Result<(), Item> {
        if let Some(ticket) = item.ticket() {
            observe::queued(ticket);
        }
        let mut incoming = lock(&self.incoming.0);
        if !incoming.is_open {
            return Err(item);
        }
        // One that has been taken back rings too, as if it had come in time.
        if !item.is_taken_back() {
            incoming.items.push_back(item);
        }
        self.ring(incoming);
        Ok(())
    }

    /// Takes out the delivery of a task, if it is queued.
    pub(crate) fn take_back(&self, control: &Arc<Control>) {
        let mut outgoing = lock(&self.outgoing);
        let mut incoming = lock(&self.incoming.0);
        let outgoing = &mut *outgoing;
        let queues = [
            &mut outgoing.strays,
            &mut outgoing.items,
            &mut incoming.items,
        ];
        queues.into_iter().find_map(|queue| remove(queue, control));
    }

    fn ring(&self, mut incoming: MutexGuard<'_, Incoming>) {
        let rang = mem::replace(&mut incoming.rings, true);
        drop(incoming);
        // Unlocked: on one processor the context's thread runs at once, and
        // would only come back to wait for the lock.
        if !rang {
            self.bell.ring();
        }
    }

    /// What the source does when the bell rings.
    pub(super) fn dispatch(self: &Arc<Self>) {
        {
            let mut outgoing = lock(&self.outgoing);
            let mut incoming = lock(&self.incoming.0);
            outgoing.take_strays_back();
            outgoing.gather(&mut incoming);
            if outgoing.items.is_empty() {
                self.silence(&mut incoming);
                return;
            }
        }
        let dispatching = Dispatching { lane: self };
        self.delivery.within(None, || self.deliver());
        drop(dispatching);
        Home::with(Home::collect);
    }

    /// Locked, so that nobody takes the bell for ringing meanwhile. It is
    /// silenced even if it does not ring yet: somebody may have been about to,
    /// and been late.
    fn silence(&self, incoming: &mut Incoming) {
        incoming.rings = false;
        self.bell.silence();
    }

    fn deliver(self: &Arc<Self>) {
        let start = Instant::now();
        while let Some(item) = self.next() {
            item.deliver(self);
            if start.elapsed() >= SLICE {
                break;
            }
        }
    }

    /// The first item that this thread can do.
    fn next(&self) -> Option<Item> {
        let mut outgoing = lock(&self.outgoing);
        outgoing.next().or_else(|| {
            outgoing.gather(&mut lock(&self.incoming.0));
            outgoing.next()
        })
    }

    /// The context is dead: takes out what waits for it.
    pub(super) fn close(&self) -> Remains {
        let mut incoming = lock(&self.incoming.0);
        incoming.is_open = false;
        let came_in = mem::take(&mut incoming.items);
        drop(incoming);
        let mut outgoing = lock(&self.outgoing);
        Remains {
            items: [
                mem::take(&mut outgoing.strays),
                mem::take(&mut outgoing.items),
                came_in,
            ],
            _retry: outgoing.retry.take(),
        }
    }
}

/// Takes the delivery of a task out of a queue. One that is waited for is the
/// first or the last one, more often than not.
fn remove(queue: &mut VecDeque<Item>, control: &Arc<Control>) -> Option<Item> {
    let length = queue.len();
    let both_ends = (0..length.div_ceil(2)).flat_map(|index| [index, length - 1 - index]);
    let found = both_ends
        .into_iter()
        .find(|index| queue[*index].is_delivery_of(control))?;
    queue.remove(found)
}

impl Outgoing {
    /// The first item that this thread can do.
    fn next(&mut self) -> Option<Item> {
        while let Some(item) = self.items.pop_front() {
            if item.is_for_this_thread() {
                return Some(item);
            }
            self.strays.push_back(item);
        }
        None
    }

    /// The next dispatch, which may be nested in this one, may be another thread's.
    fn take_strays_back(&mut self) {
        if !self.strays.is_empty() {
            self.strays.append(&mut self.items);
            mem::swap(&mut self.strays, &mut self.items);
        }
    }

    /// Nobody will ever deliver what is for a thread that has ended.
    fn leak_items_of_the_gone(&mut self) {
        let is_gone = |item: &Item| item.home().is_some_and(|home| !sent::is_alive(home));
        if self.items.iter().any(is_gone) {
            let (gone, left): (VecDeque<Item>, _) = self.items.drain(..).partition(is_gone);
            self.items = left;
            // Who waits for it was told as that thread ended.
            gone.into_iter().for_each(mem::forget);
        }
    }

    /// Takes over what has come in.
    fn gather(&mut self, incoming: &mut Incoming) {
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
struct Dispatching<'a> {
    lane: &'a Arc<Lane>,
}

impl Drop for Dispatching<'_> {
    fn drop(&mut self) {
        let lane = self.lane;
        let mut outgoing = lock(&lane.outgoing);
        let mut incoming = lock(&lane.incoming.0);
        outgoing.take_strays_back();
        outgoing.gather(&mut incoming);
        if outgoing.items.iter().any(Item::is_for_this_thread) {
            lane.ring(incoming);
            return;
        }
        // What comes in from now on rings.
        lane.silence(&mut incoming);
        drop(incoming);
        outgoing.leak_items_of_the_gone();
        if outgoing.items.is_empty() {
            outgoing.patience = RETRY;
        } else if outgoing.retry.is_none()
            && let Some(context) = held::dispatching()
        {
            let patience = outgoing.patience;
            outgoing.patience = (2 * patience).min(LONGEST_RETRY);
            outgoing.retry = Some(lane.retry(patience, &context));
        }
    }
}

impl Lane {
    /// Rings the bell after a while.
    fn retry(self: &Arc<Self>, patience: Duration, context: &MainContext) -> Source {
        let lane = Arc::downgrade(self);
        let retry = glib::timeout_source_new(
            patience,
            Some("qio-task completions of another thread"),
            self.priority,
            move || {
                if let Some(lane) = lane.upgrade() {
                    let done = lock(&lane.outgoing).retry.take();
                    lane.ring(lock(&lane.incoming.0));
                    drop(done);
                }
                ControlFlow::Break
            },
        );
        retry.attach(Some(context));
        retry
    }
}
