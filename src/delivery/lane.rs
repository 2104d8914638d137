//! The completions of one priority of a context, and their dispatch.
//!
//! Any thread queues; the bell wakes the context, whose dispatch takes all
//! that has come in at once, and delivers it one by one. What is left when it
//! gives way, or for a loop that is nested in a callback, is there for the
//! next dispatch, as the bell goes on ringing until nothing is left.

use std::{
    collections::VecDeque,
    io,
    num::NonZero,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use glib::{ControlFlow, MainContext, Priority, Source};

use super::{Delivery, bell::Bell, source};
use crate::{
    Apart,
    arrival::Left,
    control::{Control, Place},
    held,
    home::Home,
    lock,
    table::{self, Ticket},
};

/// For how long one dispatch delivers before it lets other sources run.
const SLICE: Duration = Duration::from_millis(2);

/// As many callbacks as this are delivered without a look at the clock, when
/// the last together took less than [`SHORT`].
const FEW: u32 = 4;
const SHORT: Duration = Duration::from_micros(40);

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
        match self {
            Self::Task(control) => control.place.is_reachable(),
            Self::Result { place, .. } => place.is_reachable(),
            Self::Progress { home } | Self::Release { home, .. } => *home == Home::thread(),
        }
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
                lane.delivery.deliver_progress();
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
    _items: [VecDeque<Item>; 2],
    _retry: Option<Source>,
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
        let rang = std::mem::replace(&mut incoming.rings, true);
        drop(incoming);
        // Unlocked: on one processor the context's thread runs at once, and
        // would only come back to wait for the lock.
        if !rang {
            self.bell.ring();
        }
        Ok(())
    }

    fn ring(&self) {
        let rang = std::mem::replace(&mut lock(&self.incoming.0).rings, true);
        if !rang {
            self.bell.ring();
        }
    }

    /// What the source does when the bell rings.
    pub(super) fn dispatch(self: &Arc<Self>) {
        if !self.gather(&mut lock(&self.outgoing)) {
            return;
        }
        let dispatching = Dispatching { lane: self };
        self.delivery.within(None, || self.deliver());
        drop(dispatching);
        held::collect();
    }

    /// Takes over what has come in. With nothing there at all, silences the
    /// bell and says so.
    fn gather(&self, outgoing: &mut Outgoing) -> bool {
        let mut incoming = lock(&self.incoming.0);
        if outgoing.items.is_empty() {
            std::mem::swap(&mut outgoing.items, &mut incoming.items);
        } else {
            outgoing.items.append(&mut incoming.items);
        }
        if outgoing.items.is_empty() {
            self.silence(&mut incoming);
        }
        !outgoing.items.is_empty()
    }

    /// Locked, so that nobody takes the bell for ringing meanwhile. Somebody
    /// may be about to ring it, for what has been delivered: then the context
    /// wakes for nothing, once.
    fn silence(&self, incoming: &mut Incoming) {
        if std::mem::replace(&mut incoming.rings, false) {
            self.bell.silence();
        }
    }

    fn deliver(&self) {
        let start = Instant::now();
        let mut looked = Duration::ZERO;
        let mut unwatched = 0;
        while let Some(item) = self.next() {
            item.deliver(self);
            // To look at the clock costs as much as a short callback: after
            // short ones it is looked at for each few.
            if unwatched > 0 {
                unwatched -= 1;
                continue;
            }
            let now = start.elapsed();
            if now >= SLICE {
                break;
            }
            if now.saturating_sub(looked) < SHORT {
                unwatched = FEW - 1;
            }
            looked = now;
        }
    }

    /// The first item that this thread can do.
    fn next(&self) -> Option<Item> {
        let mut outgoing = lock(&self.outgoing);
        let mut first = outgoing.items.iter().position(Item::is_for_this_thread);
        if first.is_none() && self.gather(&mut outgoing) {
            first = outgoing.items.iter().position(Item::is_for_this_thread);
        }
        outgoing.items.remove(first?)
    }

    /// The context is dead: takes out what waits for it.
    pub(super) fn close(&self) -> Remains {
        let mut incoming = lock(&self.incoming.0);
        incoming.is_open = false;
        let came_in = std::mem::take(&mut incoming.items);
        drop(incoming);
        let mut outgoing = lock(&self.outgoing);
        Remains {
            _items: [std::mem::take(&mut outgoing.items), came_in],
            _retry: outgoing.retry.take(),
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
        if !lane.gather(&mut outgoing) {
            outgoing.patience = RETRY;
            return;
        }
        if outgoing.items.iter().any(Item::is_for_this_thread) {
            lane.ring();
            return;
        }
        lane.silence(&mut lock(&lane.incoming.0));
        if outgoing.retry.is_none()
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
                    lane.ring();
                    drop(done);
                }
                ControlFlow::Break
            },
        );
        retry.attach(Some(context));
        retry
    }
}
