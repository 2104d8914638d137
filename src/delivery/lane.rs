//! The completions of one priority of a context, and their dispatch.
//!
//! Any thread queues; the bell wakes the context, whose dispatch takes all
//! that has come in at once, and delivers it one by one. What is left when it
//! gives way, or for a loop that is nested in a callback, is there for the
//! next dispatch, as the bell goes on ringing until nothing is left.

use std::{
    collections::VecDeque,
    io, mem,
    num::NonZero,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority, Source};

use super::{Delivery, bell::Bell, source};
use crate::{
    Apart, FLOOD,
    arrival::Left,
    control::{Control, Place},
    home::Home,
    lock,
    sent::{self, Sent},
    table::{self, Ticket},
};

/// For how long one dispatch delivers before it lets other sources run.
const SLICE: Duration = Duration::from_millis(2);

/// How soon what waits for its own thread asks whether that one iterates the
/// context again: each time later, as the thread may be gone.
const RETRY: Duration = Duration::from_millis(10);
const LONGEST_RETRY: Duration = Duration::from_secs(1);

/// Something to be done on the thread of a context.
pub(crate) enum Item {
    /// A task has been decided, or its completer has ended.
    Task(Arc<Control>),
    /// A task that nobody controls has this result.
    Result {
        place: Place,
        ticket: Ticket,
        port: u32,
        key: usize,
    },
    /// There is a value of a `Progress` of that thread.
    Progress { home: NonZero<u32> },
    /// A `Progress` was dropped.
    Release { home: NonZero<u32>, index: usize },
}

impl Item {
    /// Whether this thread can do it: a callback that is not `Send` stays on
    /// its thread even when another one iterates the context.
    fn is_for_this_thread(&self) -> bool {
        self.home().is_none_or(|home| home == Home::thread())
    }

    /// The number of the thread that it is for, if there is such a one.
    fn home(&self) -> Option<NonZero<u32>> {
        let place = match self {
            Self::Task(control) => control.place,
            Self::Result { place, .. } => *place,
            Self::Progress { home } | Self::Release { home, .. } => return Some(*home),
        };
        match place {
            Place::Home(home) => Some(home),
            Place::Context => None,
        }
    }

    /// Has what it brings dropped at home, as its context is dead.
    pub(crate) fn discard(self) {
        let home = self.home().filter(|home| *home != Home::thread());
        let sent = match self {
            // Those who wait for it are told here, at once.
            Self::Task(control) => match control.bury() {
                Some(left @ Left::Parcel(_)) => Sent::Left(left),
                // Cleared away with its port.
                Some(Left::Port { .. }) => Sent::Death,
                None => return,
            },
            Self::Result { .. } => Sent::Death,
            Self::Progress { .. } | Self::Release { .. } => return,
        };
        match home {
            None => {
                drop(sent);
                Home::with(Home::purge_dead);
            }
            Some(home) => {
                if let Err(sent) = sent::send(home, sent) {
                    mem::forget(sent);
                }
            }
        }
    }

    /// Leaks what it brings, as its thread is gone; those who wait for it are told.
    fn leak(self) {
        if let Self::Task(control) = &self {
            mem::forget(control.bury());
        }
        mem::forget(self);
    }

    /// Does it on this thread, which is the right one.
    pub(crate) fn deliver(self, lane: &Lane) {
        match self {
            Self::Task(control) => control.deliver(),
            Self::Result {
                place,
                ticket,
                port,
                key,
            } => {
                let unwinding = Resend(
                    lane,
                    Some(Self::Result {
                        place,
                        ticket,
                        port,
                        key,
                    }),
                );
                lane.delivery.deliver_progress();
                mem::forget(unwinding);
                let left = Left::Port { port, key };
                match place {
                    Place::Context => {
                        let table = || lane.delivery.tasks();
                        table::deliver_result(ticket, left, lane.priority, table);
                    }
                    Place::Home(_) => {
                        Home::with(|home| {
                            let table = || home.tasks.borrow_mut();
                            table::deliver_result(ticket, left, lane.priority, table);
                        });
                    }
                }
            }
            Self::Progress { .. } => lane.delivery.deliver_progress(),
            Self::Release { index, .. } => {
                let released = Home::with(|home| home.sinks.borrow_mut().remove(index));
                drop(released);
            }
        }
    }
}

/// Delivers later what could not be delivered now, as foreign code unwound.
struct Resend<'a>(&'a Lane, Option<Item>);

impl Drop for Resend<'_> {
    fn drop(&mut self) {
        if let Some(item) = self.1.take()
            && let Err(item) = self.0.push(item)
        {
            item.discard();
        }
    }
}

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
    /// Rings the bell again, when all that is left waits for its own thread
    /// to iterate the context, and another one does.
    retry: Option<Source>,
    patience: Duration,
}

/// What a dead context leaves, to be dropped when nothing is locked.
pub(super) struct Remains {
    items: [VecDeque<Item>; 2],
    _retry: Option<Source>,
}

impl Remains {
    pub(super) fn discard(self) {
        self.items.into_iter().flatten().for_each(Item::discard);
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
        let mut incoming = lock(&self.incoming.0);
        if !incoming.is_open {
            return Err(item);
        }
        incoming.items.push_back(item);
        self.ring(incoming);
        Ok(())
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

    fn deliver(&self) {
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
        let mut first = outgoing.items.iter().position(Item::is_for_this_thread);
        if first.is_none() {
            outgoing.gather(&mut lock(&self.incoming.0));
            first = outgoing.items.iter().position(Item::is_for_this_thread);
        }
        outgoing.items.remove(first?)
    }

    /// The context is dead: takes out what waits for it.
    pub(super) fn close(&self) -> Remains {
        let mut incoming = lock(&self.incoming.0);
        incoming.is_open = false;
        let came_in = mem::take(&mut incoming.items);
        drop(incoming);
        let mut outgoing = lock(&self.outgoing);
        Remains {
            items: [mem::take(&mut outgoing.items), came_in],
            _retry: outgoing.retry.take(),
        }
    }
}

impl Outgoing {
    /// Nobody will ever deliver what is for a thread that has ended.
    fn leak_items_of_the_gone(&mut self) {
        let is_gone = |item: &Item| item.home().is_some_and(|home| !sent::is_alive(home));
        if self.items.iter().any(is_gone) {
            let (gone, left): (VecDeque<Item>, _) = self.items.drain(..).partition(is_gone);
            self.items = left;
            gone.into_iter().for_each(Item::leak);
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
            && let Some(context) = glib::main_current_source().and_then(|source| source.context())
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
